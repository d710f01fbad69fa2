import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../model/comparison.js';
import { TestMaster } from '../redlock/redis.fixture.js';
import { inFolder, runCli, startCli } from './cli.fixture.js';

/** A closed loop that leaves the machine in peace: it has no late starts, which would make so short a run invalid. */
const CALM = ['--concurrency', '4', '--hold', '5ms', '--warmup', '0s'];
const BRIEF = [...CALM, '--duration', '300ms'];

async function readComparison(out: string): Promise<Comparison> {
  return JSON.parse(await readFile(path.join(out, 'comparison.json'), 'utf8')) as Comparison;
}

/** Everything that was written, as one text. */
async function readAll(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A lock that grants everything, and that can be opened once and never again. */
const ONCE = `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const mark = new URL('opened', import.meta.url);
const capabilities = { maxMasters: 1, canExtend: false };

export const adapter = {
  name: 'once',
  description: 'a test: opens once',
  capabilities,
  open: async ({ clock }) => {
    if (existsSync(mark)) throw new Error('opened before');
    writeFileSync(mark, '');
    return {
      name: 'once',
      capabilities,
      acquire: async ({ resources, ttlMs }) => {
        await sleep(1);
        const validUntilNs = clock.nowNs() + ttlMs * 1e6;
        return { status: 'acquired', attempts: 1, lock: { resources, token: 'same', validUntilNs } };
      },
      release: async () => ({ status: 'released' }),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
`;

/** Several commands, each with several runs, on a machine that may be busy. */
const timeout = 120_000;

describe('redlock-bench compare', { timeout }, () => {
  it('runs two arms in two rounds, and writes figures, a page, and every run', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'comparison');
      const words = ['compare', '--masters', '1,3', '--rounds', '2', '--seed', '5', ...BRIEF, '--out', out];
      const { exitCode, stdout, stderr } = await runCli(words);
      expect(stderr).toContain('comparing 2 arms in 2 rounds: 4 runs, about 1m; seed 5');
      expect(exitCode).toBe(0);
      const comparison = await readComparison(out);
      expect(comparison).toMatchObject({ kind: 'comparison', status: 'complete', seed: 5, rounds: 2, exitCode: 0 });
      expect(comparison.arms.map(({ name, runs }) => [name, runs.map(({ round }) => round)])).toEqual([
        ['N=1', [1, 2]],
        ['N=3', [1, 2]],
      ]);
      expect(comparison.contrasts.map(({ arm, baseline }) => [arm, baseline])).toEqual([[1, 0]]);
      expect(await readFile(path.join(out, 'report.html'), 'utf8')).toContain('N=3');
      expect(stdout).toContain('N=3');
      for (const { directory } of comparison.arms.flatMap(({ runs }) => runs)) {
        expect(await readdir(path.join(out, directory ?? ''))).toContain('result.json');
      }
      const again = await runCli(words);
      expect(again).toMatchObject({ exitCode: 2, stdout: '' });
      expect(again.stderr).toMatch(
        /^redlock-bench: --out: expected a new folder, .* comparison\.json of an earlier.*\n$/,
      );
    });
  });

  it('prints nothing but the comparison with --json, and remarks in it on an arm that is left out', async () => {
    await inFolder(async (folder) => {
      const words = ['compare', '--lock', 'redlock,set-nx-px', '--masters', '1,3', '--rounds', '1', ...BRIEF];
      const { stdout, stderr } = await runCli([...words, '--json', '--out', path.join(folder, 'comparison')]);
      const { arms, warnings } = JSON.parse(stdout) as Comparison;
      expect(stderr).toBe('');
      expect(arms.map(({ name }) => name)).toEqual(['redlock, N=1', 'redlock, N=3', 'set-nx-px, N=1']);
      expect(warnings).toContain(
        'set-nx-px, N=3 is left out: --lock set-nx-px: expected at most 1 master, got 3; use --masters 1',
      );
    });
  });

  it('ends on Ctrl-C with 130 and a comparison of what there was', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'comparison');
      const words = ['compare', '--masters', '1,3', '--rounds', '2', ...CALM, '--duration', '10m'];
      const running = startCli([...words, '--out', out]);
      await running.shows('1 s of 600 s');
      running.process.kill('SIGINT');
      const { exitCode } = await running.ended;
      expect(exitCode).toBe(130);
      const comparison = await readComparison(out);
      expect(comparison).toMatchObject({ status: 'interrupted', exitCode: 130 });
      expect(comparison.arms.flatMap(({ runs }) => runs)).toHaveLength(1);
      expect(await readdir(out)).toContain('report.html');
    });
  });

  it.each([
    ['of the failure', 'uncontended', 2],
    ['of the violation that was seen before it', 'single', 3],
  ])('keeps what was measured when a later run fails, with the exit code %s', async (_, keys, expected) => {
    await inFolder(async (folder) => {
      const lock = path.join(folder, 'once.mjs');
      await writeFile(lock, ONCE);
      const out = path.join(folder, 'comparison');
      const words = ['compare', '--lock', `${lock},${lock}`, '--masters', '1', '--keys', keys];
      const { exitCode, stdout, stderr } = await runCli([...words, '--rounds', '2', ...BRIEF, '--out', out]);
      expect(stderr).toMatch(/^redlock-bench: .*opened before/m);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(exitCode).toBe(expected);
      expect(stdout).toContain('once.mjs');
      const { arms, warnings } = await readComparison(out);
      expect(arms.flatMap(({ runs }) => runs)).toHaveLength(1);
      expect(warnings).toEqual(expect.arrayContaining([expect.stringMatching(/^it ended early: .*opened before/)]));
    });
  });
});

describe('redlock-bench compare with a password', { timeout }, () => {
  it('writes it nowhere, whether the comparison ends, is interrupted, or is refused', async () => {
    const port = await findFreePort();
    const master = await TestMaster.start('--port', String(port));
    try {
      await master.admin.call('ACL', 'SETUSER', 'loader', 'on', '>canary', '~*', '&*', '+@all');
      const endpoint = (password: string): string => `redis://loader:${password}@127.0.0.1:${String(port)}`;
      await inFolder(async (folder) => {
        const common = ['compare', '--lock', 'redlock,redlock', '--rounds', '1', '--allow-shared', ...CALM];
        const words = [...common, '--endpoint', endpoint('canary')];
        const whole = await runCli([...words, '--duration', '300ms', '--out', path.join(folder, 'whole')]);
        expect(whole.exitCode).toBe(0);
        const json = await runCli([...words, '--duration', '300ms', '--json', '--out', path.join(folder, 'json')]);
        expect((JSON.parse(json.stdout) as Comparison).arms).toHaveLength(2);

        const cut = startCli([...words, '--duration', '10m', '--out', path.join(folder, 'cut')]);
        await cut.shows('1 s of 600 s');
        cut.process.kill('SIGINT');
        const interrupted = await cut.ended;
        expect((await readComparison(path.join(folder, 'cut'))).arms).toHaveLength(2);

        const wrong = ['--endpoint', endpoint('canary-of-another'), '--out', path.join(folder, 'wrong')];
        const refused = await runCli([...common, ...wrong]);
        expect(refused.exitCode).toBe(2);
        for (const { stdout, stderr } of [whole, json, interrupted, refused]) {
          expect(stdout + stderr).not.toContain('canary');
        }
        const written = await readAll(folder);
        expect(written).toContain(`127.0.0.1:${String(port)}`);
        expect(written).not.toContain('canary');
      });
    } finally {
      await master.stop();
    }
  });
});

describe('redlock-bench compare, misused', () => {
  it.each<[string[], RegExp]>([
    [['tour'], /got conditions alone \(scenario\)/],
    [['--lock', 'redlock,redlokc'], /--lock: expected one of redlock, .* got redlokc/],
    [['--lock', 'redlock,npm:none@1'], /npm:none@1/],
    [['--lock', 'redlock', '--lock', 'setnx'], /--lock: expected once, got 2 times; put all values into one list/],
    [['--lock', 'redlock,set-nx-px', '--masters', '3'], /--lock set-nx-px: expected at most 1 master, got 3/],
    [['--masters', '1,3', '--threshold', 'p(99)'], /--threshold: expected an expression/],
    [['--masters', '1,3', '--endpoint', 'redis://u:canary@127.0.0.1:1'], /--masters, --endpoint: expected one of/],
    [['--lock', 'redlock,redlock', '--endpoint', 'redis://u:canary@10.1.2.3:6379'], /--allow-remote/],
    [['--lock', 'process:x --a 1,2'], /--lock: expected locks between the commas, got "2"/],
  ])('%j is refused in plain lines with exit code 2, and nothing is written', async (words, message) => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'comparison');
      const { exitCode, stdout, stderr } = await runCli(['compare', ...words, '--quiet', '--out', out]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stderr).not.toContain('canary');
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
