import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEndpoint } from '../model/endpoint.js';
import type { TlsSettings } from '../model/tls.js';
import { startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import { allowedRights } from '../redlock/rights.fixture.js';
import { inFolder, runCli } from './cli.fixture.js';

const USER = 'bench';
const CANARY = 'canary-7f3a';

let masters: TestMaster[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
  for (const { admin } of masters) {
    const rights = await allowedRights(admin, 'redlock-bench:', 'tool');
    await admin.acl('SETUSER', USER, 'reset', 'on', `>${CANARY}`, ...rights);
    await admin.acl('LOG', 'RESET');
  }
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});

it.each(['ioredis', 'wire'])(
  'a run over %s as a user with the rights of the tool is whole, and keeps its secrets',
  async (transport) => {
    await inFolder(async (folder) => {
      const flags = [...(await flagsTo(masters, folder)), '--transport', transport];
      const out = path.join(folder, 'run');
      // The connection of the test itself is a client, too.
      const words = [
        'run',
        ...flags,
        '--allow-shared',
        '--keys',
        'uniform:2',
        '--workers',
        '2',
        '--warmup',
        '200ms',
        '--duration',
        '600ms',
      ];
      const ended = await runCli([...words, '--json', '--out', out], {
        REDLOCK_BENCH_USERNAME: USER,
        REDLOCK_BENCH_PASSWORD: CANARY,
      });
      expect(ended.exitCode, ended.stderr).toBe(0);
      const result = JSON.parse(ended.stdout) as RunResultPart;
      expect(result.acquire.counts.acquired).toBeGreaterThan(10);
      expect(result.safety).toMatchObject({ verdict: 'none-observed', leakedKeys: 0 });
      for (const master of result.masters) expect(master.config['hz']).toBe('10');
      const denied = await Promise.all(masters.map(({ admin }) => admin.acl('LOG')));
      expect(denied.flat().map((entry) => String(entry))).toEqual([]);

      const written = [ended.stdout, ended.stderr];
      for (const file of ['manifest.json', 'result.json', 'report.html'])
        written.push(await readFile(path.join(out, file), 'utf8'));
      const secrets = [
        CANARY,
        'PRIVATE KEY',
        ...(tlsOf(masters[0]!).key ?? '').split('\n').filter((line) => line.length > 40),
      ];
      for (const secret of secrets) expect(written.filter((text) => text.includes(secret))).toEqual([]);
    });
  },
);

const python = ['python3', '/usr/bin/python3'].find((program) => {
  try {
    execFileSync(program, ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
const title = python === undefined ? ' (skipped: no python3 with the package redis)' : '';

it.skipIf(python === undefined)(`a driver comes the same way, with the same user${title}`, async () => {
  await inFolder(async (folder) => {
    const lock = `process:${python!} ${fileURLToPath(new URL('../../drivers/python/redis_py_lock.py', import.meta.url))}`;
    const flags = await flagsTo(masters.slice(0, 1), folder);
    const words = ['run', ...flags, '--allow-shared', '--lock', lock, '--warmup', '0s', '--duration', '600ms'];
    const ended = await runCli([...words, '--json', '--out', path.join(folder, 'run')], {
      REDLOCK_BENCH_USERNAME: USER,
      REDLOCK_BENCH_PASSWORD: CANARY,
    });
    expect(ended.exitCode, ended.stderr).toBe(0);
    const result = JSON.parse(ended.stdout) as RunResultPart;
    expect(result.acquire.counts.acquired).toBeGreaterThan(10);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', leakedKeys: 0 });
    expect([ended.stdout, ended.stderr].filter((text) => text.includes(CANARY))).toEqual([]);
  });
});

function tlsOf({ endpoint: { socket } }: TestMaster): TlsSettings {
  return socket.kind === 'tcp' && typeof socket.tls === 'object' ? socket.tls : {};
}

/** The words that lead to masters, with the files of TLS where they want it. */
async function flagsTo(some: readonly TestMaster[], folder: string): Promise<string[]> {
  const flags = some.flatMap(({ endpoint }) => ['--endpoint', describeEndpoint(endpoint)]);
  const tls = tlsOf(some[0]!);
  for (const part of ['ca', 'cert', 'key'] as const) {
    const text = tls[part];
    if (text === undefined) continue;
    const file = path.join(folder, `${part}.pem`);
    await writeFile(file, text);
    flags.push(`--tls-${part}`, file);
  }
  return flags;
}

interface RunResultPart {
  readonly acquire: { readonly counts: { readonly acquired: number } };
  readonly safety: object;
  readonly masters: readonly { readonly config: Readonly<Record<string, string>> }[];
}
