import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CapacityReport } from '../model/capacity.js';
import { inFolder, runCli, startCli } from './cli.fixture.js';

/** So slow a search of so short steps says nothing of the masters, and everything of the command. */
const BRIEF = ['--masters', '1', '--from', '20', '--warmup', '0s', '--duration', '250ms', '--confirmations', '1'];
/** Met by any lock on any machine; no percentile, so that no step is lengthened. */
const EASY = ['--slo', 'acquire.response: max<60s', '--no-scaling', '--up-to', '40'];

describe('redlock-bench capacity', { timeout: 60_000 }, () => {
  it('searches, tells what it does, and writes a report, a page and every run', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'capacity');
      const words = ['capacity', 'uncontended', ...BRIEF, ...EASY, '--expect', '10', '--seed', '3', '--out', out];
      const { exitCode, stdout, stderr } = await runCli(words);
      expect(stderr).toContain('searching the highest rate with acquire.response: max<60s: from 20/s');
      expect(stderr).toContain('[step 1, growth] 20/s');
      const report = JSON.parse(await readFile(path.join(out, 'capacity.json'), 'utf8')) as CapacityReport;
      expect(report).toMatchObject({ kind: 'capacity', title: 'capacity-uncontended', status: 'complete', seed: 3 });
      expect(report.scenario).toMatchObject({
        masters: 1,
        ratePerSecond: 20,
        thresholds: ['acquire.response: max<60s'],
      });
      expect(report.scaling).toBeNull();
      expect(await readdir(path.join(out, 'runs'))).toEqual(
        report.steps.map(({ directory }) => path.basename(directory ?? '')),
      );
      expect(await readdir(out)).toContain('report.html');
      // A busy machine may make every step invalid, and then it says so.
      const isFound = report.answer.kind === 'at-least';
      expect(exitCode).toBe(report.exitCode);
      expect([0, 96]).toContain(exitCode);
      if (isFound) expect(stdout.replaceAll(/\s+/g, ' ')).toContain(report.statements[0]?.slice(0, 40));
    });
  });

  it('prints the report alone with --json', async () => {
    await inFolder(async (folder) => {
      const words = ['capacity', ...BRIEF, ...EASY, '--json', '--out', path.join(folder, 'capacity')];
      const { stdout, stderr } = await runCli(words);
      expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, kind: 'capacity', title: 'capacity' });
      expect(stderr).toBe('');
    });
  });

  it('judges and writes what there is when it is interrupted', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'capacity');
      const slow = ['--masters', '1', '--from', '20', '--duration', '1s', '--slo', 'acquire.response: max<60s'];
      const search = startCli(['capacity', ...slow, '--warmup', '0s', '--out', out]);
      await search.shows('[step 2, growth]');
      search.process.kill('SIGINT');
      const { exitCode, stdout } = await search.ended;
      expect(exitCode).toBe(130);
      const report = JSON.parse(await readFile(path.join(out, 'capacity.json'), 'utf8')) as CapacityReport;
      expect(report).toMatchObject({ status: 'interrupted', exitCode: 130 });
      expect(report.steps).toHaveLength(1);
      expect(stdout).toContain(out);
    });
  });

  it('refuses what it cannot search before anything is started, with what to do', async () => {
    const { exitCode, stderr } = await runCli([
      'capacity',
      'tour',
      '--rate',
      '500',
      '--slo',
      'fast',
      '--precision',
      '5',
    ]);
    expect(exitCode).toBe(2);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(stderr).toContain(
      '--rate: expected not to be given, because capacity varies or sets it; the search sets the rate',
    );
    expect(stderr).toContain('--slo: expected an expression such as');
    expect(stderr).toContain('--precision: expected a percentage between 1% and 50%, such as 5%, got "5"');
    expect(stderr).toContain('capacity: expected a scenario with one run, got tour');
  });

  it('refuses a metric that no result has in the words of --slo', async () => {
    await inFolder(async (folder) => {
      const words = ['capacity', ...BRIEF, '--slo', 'acquire.speed>5', '--out', path.join(folder, 'capacity')];
      const { exitCode, stderr } = await runCli(words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('--slo: ');
      expect(stderr).not.toContain('--threshold');
    });
  });

  it('explains itself', async () => {
    const { exitCode, stdout } = await runCli(['capacity', '--help']);
    expect(exitCode).toBe(0);
    for (const flag of ['--slo', '--from', '--up-to', '--precision', '--confirmations', '--expect', '--no-scaling']) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).not.toContain('--concurrency');
  });
});
