import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LockListing } from '../model/lock-listing.js';
import type { RunResult } from '../model/result.js';
import { inFolder, runCli, type Ended } from './cli.fixture.js';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const QUICK = ['--masters', '1', '--keys', 'single', '--concurrency', '8', '--duration', '1s', '--warmup', '0s'];
const run = promisify(execFile);

/** Runs the command in a folder that belongs to no project. */
function runIn(folder: string, words: readonly string[]): Promise<Ended> {
  return runNode([MAIN, ...words], folder);
}

function runNode(words: readonly string[], folder: string): Promise<Ended> {
  return run(process.execPath, words, { cwd: folder, env: { ...process.env, CI: 'true' } }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    },
  );
}

const TEMPLATE = await readFile(new URL('../locks/my-lock.template.mjs', import.meta.url), 'utf8');

function changed(from: string, to: string): string {
  if (!TEMPLATE.includes(from)) throw new Error(`expected a template with ${from}`);
  return TEMPLATE.replace(from, to);
}

describe('redlock-bench locks', () => {
  it('lists the locks without colour for a pipe, in 80 columns', async () => {
    const { exitCode, stdout } = await runCli(['locks']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^lock +kind +masters +extend +version\n/);
    expect(stdout).toMatch(/^redlock +own +N +yes +redlock-bench \d/m);
    expect(stdout).toMatch(/^redsync +driver +N +yes +not yet\n.*\n {2}waits for a driver process in Go$/m);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('prints the same list as JSON', async () => {
    const { exitCode, stdout } = await runCli(['locks', '--json']);
    expect(exitCode).toBe(0);
    const locks = JSON.parse(stdout) as LockListing[];
    expect(locks[0]).toMatchObject({ name: 'redlock', kind: 'own', maxMasters: 99, isUnsafe: false, waitsFor: null });
    expect(new Set(locks.map((lock) => Object.keys(lock).sort().join()))).toEqual(
      new Set(['canExtend,description,flaw,install,isUnsafe,kind,maxMasters,name,version,waitsFor']),
    );
  });

  it('refuses both kinds of output at once', async () => {
    const { exitCode, stderr } = await runCli(['locks', '--json', '--template']);
    expect([exitCode, stderr]).toEqual([
      2,
      'redlock-bench: locks: expected --json or --template, got both; drop one\n',
    ]);
  });
});

describe('a lock of the user', () => {
  it('runs as the template has it, in a folder without any package', async () => {
    await inFolder(async (folder) => {
      const printed = await runIn(folder, ['locks', '--template']);
      expect([printed.exitCode, printed.stdout]).toEqual([0, TEMPLATE]);
      await writeFile(path.join(folder, 'my-lock.mjs'), printed.stdout);
      const { exitCode, stdout, stderr } = await runIn(folder, ['run', '--lock', './my-lock.mjs', ...QUICK, '--json']);
      expect([exitCode, stderr]).toEqual([0, '']);
      const result = JSON.parse(stdout) as RunResult;
      expect(result.lock).toEqual({ name: 'my-lock', version: null, isUnsafe: false, flaw: null });
      expect(result.acquire.counts.acquired).toBeGreaterThan(10);
      expect(result.safety).toMatchObject({ verdict: 'none-observed', leakedKeys: 0 });
      expect(result.masters[0]?.roundTrip.count).toBeGreaterThan(10);
    });
  });

  it('is marked with its flaw, and its version is part of the manifest', async () => {
    const flaw = 'It is a test.';
    const text = changed('description:', `version: '1.2.3', flaw: '${flaw}', description:`);
    await inFolder(async (folder) => {
      await writeFile(path.join(folder, 'mine.mjs'), text);
      const { stdout } = await runIn(folder, ['run', '--lock', './mine.mjs', ...QUICK, '--out', 'run', '--quiet']);
      expect(stdout).toContain(`unsafe lock: ${flaw}`);
      expect(stdout).toContain('my-lock 1.2.3');
      const manifest = JSON.parse(await readFile(path.join(folder, 'run/manifest.json'), 'utf8')) as RunResult;
      expect(manifest.lock).toEqual({ name: 'my-lock', version: '1.2.3', isUnsafe: true, flaw });
    });
  });

  it('that gives no client is refused before any load, with what is missing', async () => {
    const text = changed('async release(', 'async unlock(');
    await inFolder(async (folder) => {
      await writeFile(path.join(folder, 'mine.mjs'), text);
      const { exitCode, stderr } = await runIn(folder, ['run', '--lock', './mine.mjs', ...QUICK, '--quiet']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('--lock ./mine.mjs: client.release: expected a function, got none; see LockClient');
    });
  });

  it('whose server is gone is told so, without a password', async () => {
    await inFolder(async (folder) => {
      await writeFile(
        path.join(folder, 'mine.mjs'),
        changed(
          'connect(masters[0])',
          "connect({ ...masters[0], socket: { kind: 'unix', path: '/gone.sock' }, password: 'se' + 'cret' })",
        ),
      );
      const { exitCode, stderr } = await runIn(folder, ['run', '--lock', './mine.mjs', ...QUICK, '--quiet']);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/unix:\/\/\/gone\.sock: expected a Redis server, got .*ENOENT.*; start it/);
      expect(stderr).not.toContain('secret');
    });
  });

  it('has types: the template is checked against those that the package exports', async () => {
    await inFolder(async (folder) => {
      const root = fileURLToPath(new URL('../..', import.meta.url));
      // As npm would install it.
      await mkdir(path.join(folder, 'node_modules'));
      await symlink(root, path.join(folder, 'node_modules/redlock-bench'));
      await writeFile(path.join(folder, 'right.mjs'), TEMPLATE);
      await writeFile(path.join(folder, 'wrong.mjs'), changed("status: 'held'", "status: 'hold'"));
      const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
      const flags = [
        '--noEmit',
        '--strict',
        '--checkJs',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2023',
      ];
      const types = ['--lib', 'es2023,esnext.disposable', '--types', 'node'];
      const roots = ['--typeRoots', path.join(root, 'node_modules/@types')];
      const words = [tsc, ...flags, ...types, ...roots, 'right.mjs', 'wrong.mjs'];
      const { exitCode, stdout } = await runNode(words, folder);
      expect(exitCode).not.toBe(0);
      expect(stdout.match(/^\S+\.mjs/gm)).toEqual(['wrong.mjs']);
      expect(stdout).toContain('"hold"');
    });
  });
});
