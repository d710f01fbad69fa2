import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ChaosReport } from '../model/chaos.js';
import { descendantsOf, eventually } from '../servers/process-remains.fixture.js';
import { isSameProcess } from '../servers/process-stat.js';
import { inFolder, runCli, startCli } from './cli.fixture.js';

const LIMIT_MS = 180_000;
/** Without one no clock of a master can be moved, and what needs that is not run. */
const HAS_COMPILER = spawnSync(process.env['CC'] ?? 'cc', ['--version']).status === 0;

interface Made {
  readonly report: ChaosReport;
  readonly exitCode: number | null;
  /** `F8 redlock 3: contract, corruption`, of each that was made. */
  readonly seen: readonly string[];
}

async function make(words: readonly string[], folder: string): Promise<Made> {
  const { exitCode, stdout, stderr } = await runCli(['chaos', ...words, '--json', '--out', path.join(folder, 'chaos')]);
  if (stdout === '') throw new Error(`expected a report, got exit code ${String(exitCode)} and:\n${stderr}`);
  const report = JSON.parse(stdout) as ChaosReport;
  const seen = report.experiments.map(
    ({ id, variant, masters, observed, verdict }) =>
      `${id} ${variant} ${String(masters)}: ${observed.join(', ')}${verdict === 'as-expected' ? '' : ` (${verdict})`}`,
  );
  return { report, exitCode, seen };
}

describe('fault experiments', () => {
  it(
    'tell a lock that forgets from one that does not: of a master that two majorities share, the memory decides',
    { timeout: LIMIT_MS },
    () =>
      inFolder(async (folder) => {
        const { seen, exitCode, report } = await make(['F8', 'F9', 'F9b', 'F10'], folder);
        expect(seen).toEqual([
          'F8 redlock 3: contract, corruption',
          'F8 redlock 5: contract, corruption',
          'F8 fenced 3: contract, rejected',
          'F8 delayed-restart 3: ',
          'F9 redlock 3: ',
          'F9b redlock 3: contract, corruption',
          'F9b fenced 3: contract, rejected',
          'F9b delayed-restart 3: ',
          'F10 redlock 3: ',
        ]);
        expect(exitCode).toBe(0);
        const receipts = report.experiments.flatMap((experiment) => experiment.receipts);
        expect(receipts.filter(({ status }) => status !== 'effective')).toEqual([]);
        expect(receipts.filter(({ effectNs, healedNs }) => (effectNs ?? 0) >= (healedNs ?? Infinity))).toEqual([]);
        const again = await runCli(['report', path.join(folder, 'chaos')]);
        expect(again.exitCode).toBe(0);
        expect(again.stdout).toContain('AS EXPECTED: 9 experiments with redlock');
      }),
  );

  it.each([
    ['redlock', ''],
    ['npm:redlock@4', ''],
    ['npm:redlock@5', 'granted-expired'],
    ['npm:@sesamecare-oss/redlock', 'granted-expired'],
  ])('whether %s takes grants of the past for a lock, paused in flight', { timeout: LIMIT_MS }, (lock, finding) =>
    inFolder(async (folder) => {
      const { report } = await make(['F2', '--lock', lock, '--masters', '3'], folder);
      const [experiment] = report.experiments;
      expect(experiment).toMatchObject({ id: 'F2', verdict: 'as-expected', masters: 3 });
      expect(experiment?.observed.filter((one) => one === 'granted-expired').join()).toBe(finding);
    }),
  );

  it('catch every mutant', { timeout: LIMIT_MS }, () =>
    inFolder(async (folder) => {
      const { report, exitCode } = await make(['F0m'], folder);
      expect(report.experiments.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
        'no-nx as-expected',
        'plain-del as-expected',
        'unchecked as-expected',
        'half-quorum as-expected',
        'short-key as-expected',
        HAS_COMPILER ? 'no-drift as-expected' : 'no-drift not-run',
        'max-counter as-expected',
        'fence-registered-on-writes-only as-expected',
      ]);
      expect(exitCode).toBe(HAS_COMPILER ? 0 : 4);
    }),
  );

  it.skipIf(!HAS_COMPILER)('catch nothing of the same lock without a mistake', { timeout: LIMIT_MS }, () =>
    inFolder(async (folder) => {
      const words = ['F0', 'F1', 'F2', 'F5c', 'F14b', '--lock', 'mutant:none', '--masters', '3'];
      const { seen, exitCode } = await make(words, folder);
      expect(seen).toEqual([
        'F0 redlock 3: ',
        'F1 redlock 3: corruption, belief',
        'F2 redlock 3: ',
        'F5c redlock 3: ',
        'F14b redlock 3: ',
      ]);
      expect(exitCode).toBe(0);
    }),
  );

  it('try a lock of the user’s own under its own name', { timeout: LIMIT_MS }, () =>
    inFolder(async (folder) => {
      const template = fileURLToPath(new URL('../locks/my-lock.template.mjs', import.meta.url));
      const { report, seen } = await make(['F19', '--lock', template], folder);
      expect(seen).toEqual(['F19 plain 1: contract, corruption']);
      expect(report.experiments[0]?.isMutant).toBe(false);
    }),
  );

  it('end with 130 after an interrupt, with what was seen until then', { timeout: LIMIT_MS }, () =>
    inFolder(async (folder) => {
      const out = path.join(folder, 'out');
      const running = startCli(['chaos', 'F2', 'F5c', '--masters', '3', '--out', out]);
      await running.shows('[2/');
      await sleep(1_500);
      running.process.kill('SIGINT');
      const { exitCode, stdout, stderr } = await running.ended;
      expect(stderr).not.toContain('Error');
      expect(stdout).toContain('F2 pause-in-flight');
      expect(stdout).not.toContain('F5c');
      expect(exitCode).toBe(130);
    }),
  );

  it('end with 3 for a lock that should have held and did not', { timeout: LIMIT_MS }, () =>
    inFolder(async (folder) => {
      // Of a lock of the user's own nothing is known, so everything is asked of it.
      const { seen, exitCode } = await make(['F1', '--lock', 'mutant:plain-del', '--masters', '3'], folder);
      expect(seen).toEqual(['F1 redlock 3: contract, corruption (violated)']);
      expect(exitCode).toBe(3);
    }),
  );

  it('are made on no server that they did not start', () =>
    inFolder(async (folder) => {
      const words = ['chaos', 'F0', '--endpoint', 'redis://127.0.0.1:6379', '--out', path.join(folder, 'chaos')];
      const { exitCode, stderr } = await runCli(words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('expected no --endpoint, got one');
      expect(readdirSync(folder)).toEqual([]);
    }));
});

// What is left is found by way of /proc.
describe.skipIf(process.platform !== 'linux')('the whole tool, killed with SIGKILL in the midst of a fault', () => {
  it.each(['F1', 'F2', 'F4', 'F5', 'F8', 'F13', 'F17', 'F18', 'F20', 'F22'])(
    '%s: the next start leaves no process and no folder of it',
    { timeout: LIMIT_MS },
    (id) =>
      inFolder(async (folder) => {
        const environment = { TMPDIR: folder };
        const words = ['chaos', id, '--masters', '3', '--out', path.join(folder, 'out')];
        const running = startCli(words, environment);
        await running.shows('each starts masters and clients');
        const { pid = 0 } = running.process;
        // The probe has one client, the experiment at least two, and its resource, its proxies and its masters.
        await eventually(() => descendantsOf(pid).length >= 8, 'an experiment under way');
        // Long enough for the clients to be there, short enough for the experiment to be on.
        await sleep(250);
        const left = descendantsOf(pid);
        const supervisor = left.find((one) => left.some(({ parent }) => parent === one.pid));
        expect(supervisor).toBeDefined();
        for (const one of [pid, supervisor!.pid]) process.kill(one, 'SIGKILL');
        await running.ended;
        const { exitCode } = await runCli(['doctor'], environment);
        expect(exitCode).toBe(0);
        await eventually(() => left.filter(isSameProcess).length === 0, 'the end of every process');
        expect(readdirSync(folder).filter((name) => /^redlock-bench-(?!estates)/.test(name))).toEqual([]);
      }),
  );

  it('keeps what was seen before', { timeout: LIMIT_MS }, () =>
    inFolder(async (folder) => {
      const out = path.join(folder, 'out');
      const running = startCli(['chaos', 'F14', 'F22', '--masters', '3', '--out', out], { TMPDIR: folder });
      await running.shows('[1/2]');
      running.process.kill('SIGKILL');
      await running.ended;
      const stored = JSON.parse(await readFile(path.join(out, 'chaos.json'), 'utf8')) as ChaosReport;
      expect(stored.experiments.map(({ id }) => id)).toEqual(['F14']);
      const { stdout, exitCode } = await runCli(['report', out]);
      expect(stdout).toContain('F14 majority-unreachable');
      expect(exitCode).toBe(130);
    }),
  );
});
