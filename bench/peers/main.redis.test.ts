import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { descendantsOf, eventually, isAlive } from '../../src/servers/process-remains.fixture.js';

const MAIN = new URL('../../dist/bench/peers/main.js', import.meta.url).pathname;
const CONTENDERS = [
  'ours, ioredis',
  'ours, wire',
  'redlock 4',
  'redlock 5',
  'sesamecare',
  'redis-semaphore',
  'redlock-universal',
];

interface Result {
  readonly groups: readonly {
    readonly measured: readonly {
      readonly name: string;
      readonly isOurs: boolean;
      readonly reports: readonly Record<string, number>[];
    }[];
  }[];
}

it('measures every contender, and the masters counted what the clients counted', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'redlock-bench-test-'));
  try {
    const file = join(folder, 'peers.json');
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[MAIN, '--quick', '--rows', 'pairs', '--json', file],
    ]);
    const rows = stdout.split('\n').map((line) => line.split('|')[0]?.trim());
    for (const name of CONTENDERS) expect(rows).toContain(name);
    expect(stdout).toContain('of 4 met');

    const { groups } = JSON.parse(await readFile(file, 'utf8')) as Result;
    const measured = groups[0]?.measured ?? [];
    expect(measured.map(({ name }) => name)).toEqual(CONTENDERS);
    for (const { isOurs, reports } of measured) {
      const [report] = reports;
      expect(report).toMatchObject({ failures: 0 });
      expect(report!['pairs']).toBeGreaterThan(0);
      expect(report!['wallNs']).toBeGreaterThanOrEqual(200_000_000);
      expect(report!['cpuNs']).toBeGreaterThan(0);
      expect(report!['acquireP99Ns']).toBeGreaterThanOrEqual(report!['acquireP50Ns']!);
      // On a busy machine a master may answer ours too late, and the attempt is made again: never the other way round.
      if (isOurs) expect(report!['countedByMasters']).toBeGreaterThanOrEqual(report!['granted']!);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it.each([
  { signal: 'SIGINT', ending: 130 },
  { signal: 'SIGKILL', ending: null },
] as const)('leaves nothing behind when $signal ends it', { timeout: 60_000 }, async ({ signal, ending }) => {
  const bench = spawn(process.execPath, [MAIN, '--rows', 'pairs'], { stdio: 'ignore' });
  // The supervisor, five masters, and a client.
  await eventually(() => descendantsOf(bench.pid!).length >= 7, 'masters and a client');
  const started = descendantsOf(bench.pid!);
  bench.kill(signal);
  const [exitCode] = (await once(bench, 'close')) as [number | null];
  expect(exitCode).toBe(ending);
  await eventually(() => started.every(({ pid }) => !isAlive(pid)), 'the end of all that it started');
});
