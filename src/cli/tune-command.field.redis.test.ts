import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TuningReport } from '../model/tuning.js';
import { inFolder, runCli, startCli } from './cli.fixture.js';

/** A dozen short runs, on a machine that may be busy. */
const timeout = 240_000;

const NETWORK = [
  'tune',
  '--masters',
  '3',
  '--rtt',
  '1ms,1ms,40ms',
  '--rounds',
  '1',
  '--warmup',
  '200ms',
  '--seed',
  '5',
];

describe('redlock-bench tune', { timeout }, () => {
  it('sweeps, recommends and confirms, and writes figures, a page and every run', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'tuning');
      const words = [...NETWORK, '--node-timeouts', '10ms,100ms', '--retry-jitters', '10ms', '--duration', '2s'];
      const { exitCode, stdout, stderr } = await runCli([...words, '--out', out]);
      expect(stderr).toContain('tuning the per-node timeout, the wait before a retry and the ttl in 1 round');
      expect(stderr).toContain('each master is out of reach 10 % of the time, one at a time (--failing)');
      const report = JSON.parse(await readFile(path.join(out, 'tuning.json'), 'utf8')) as TuningReport;
      expect(report).toMatchObject({ kind: 'tuning', seed: 5, violations: [], exitCode });
      // A busy machine makes every run invalid, and that is said: then nothing is recommended.
      const isMeasured = report.stages.some(({ points }) => points.some(({ leftOut }) => leftOut === null));
      expect([isMeasured, exitCode]).toEqual(isMeasured ? [true, 0] : [false, 96]);
      expect(report.stages[0]?.points.map(({ settings }) => settings.nodeTimeoutMs)).toEqual([10, 100]);
      for (const directory of report.stages.flatMap(({ points }) => points.flatMap((point) => point.directories))) {
        expect(await readdir(path.join(out, directory))).toContain('result.json');
      }
      expect(await readdir(out)).toContain('report.html');
      expect(stdout).toContain('per-node timeout');
      if (report.recommendation === null) return;
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        `--node-timeout ${String(report.recommendation.nodeTimeoutMs)}ms`,
      );
    });
  });

  it('ends on Ctrl-C with 130, and says what there was', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'tuning');
      const running = startCli([...NETWORK, '--duration', '10m', '--out', out]);
      await running.shows('1 s of 600 s');
      running.process.kill('SIGINT');
      const { exitCode } = await running.ended;
      expect(exitCode).toBe(130);
      const report = JSON.parse(await readFile(path.join(out, 'tuning.json'), 'utf8')) as TuningReport;
      expect(report).toMatchObject({ status: 'interrupted', recommendation: null, exitCode: 130 });
    });
  });

  it.each<[string[], RegExp]>([
    [['--masters', '3'], /--rtt: expected the network to tune for, got none/],
    [['--rtt', '1ms', '--node-timeout', '5ms'], /--node-timeout: .* use --node-timeouts/],
    [['--rtt', '1ms', '--lock', 'set-nx-px'], /--lock set-nx-px: expected at most 1 master, got 3/],
  ])('%j is refused in plain lines with exit code 2, and nothing is written', async (words, message) => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'tuning');
      const { exitCode, stdout, stderr } = await runCli(['tune', ...words, '--quiet', '--out', out]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
