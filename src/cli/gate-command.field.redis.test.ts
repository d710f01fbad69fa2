import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Calibration, GateReport } from '../model/gate.js';
import { inFolder, runCli, startCli } from './cli.fixture.js';

/** A closed loop that leaves the machine in peace: it has no late starts, which would make so short a run invalid. */
const CALM = ['--masters', '1', '--concurrency', '4', '--hold', '5ms', '--warmup', '0s'];
const BRIEF = [...CALM, '--duration', '1s', '--rounds', '2'];
const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const FAKE = fileURLToPath(new URL('fake-build.fixture.mjs', import.meta.url));

async function readReport(out: string): Promise<GateReport> {
  return JSON.parse(await readFile(path.join(out, 'gate.json'), 'utf8')) as GateReport;
}

/** Several commands, each with several runs, on a machine that may be busy. */
const timeout = 120_000;

describe('redlock-bench gate', { timeout }, () => {
  it('runs two settings in turn, and does not decide on two rounds', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'gate');
      const sides = ['--base', '--lock redlock', '--head', '--lock set-nx-px'];
      const { exitCode, stdout, stderr } = await runCli(['gate', ...sides, ...BRIEF, '--strict', '--out', out]);
      const report = await readReport(out);
      expect(stderr).toContain('gating head against base in 2 rounds: 4 runs, about 1m');
      // A machine that is busy with other things makes it invalid.
      expect([97, 96]).toContain(exitCode);
      expect(report.exitCode).toBe(exitCode);
      expect(report.outcome).toBe(exitCode === 97 ? 'inconclusive' : 'invalid');
      expect(report.base).toMatchObject({ kind: 'settings', text: '--lock redlock' });
      expect(report.head.lock).toContain('set-nx-px');
      expect(report.comparison.arms.map(({ name, runs }) => [name, runs.length])).toEqual([
        ['base', 2],
        ['head', 2],
      ]);
      expect(report.warnings.join()).toContain('use --rounds 8 or more');
      expect(stdout).toContain('base');
      expect(await readdir(out)).toEqual(expect.arrayContaining(['gate.json', 'junit.xml', 'summary.md', 'runs']));
    });
  });

  it('runs a checkout with the same flags, and refuses a command that measures another load', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'gate');
      const command = `${process.execPath} ${MAIN} run ${CALM.join(' ')} --duration 500ms`;
      const words = ['gate', ...BRIEF, '--base', CHECKOUT, '--head', command, '--out', out];
      const { exitCode, stderr } = await runCli(words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('expected base and head to measure the same load, got --duration 1s against 500ms');
      const report = await readReport(out);
      expect(report.base).toMatchObject({ kind: 'checkout', text: CHECKOUT });
      expect(report.comparison.arms.map(({ runs }) => runs.length)).toEqual([1, 1]);
    });
  });

  it('says what a side that prints no result complained of', async () => {
    await inFolder(async (folder) => {
      const words = [
        'gate',
        ...BRIEF,
        '--head',
        `${process.execPath} ${FAKE} fail`,
        '--out',
        path.join(folder, 'gate'),
      ];
      const { exitCode, stderr } = await runCli(words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('expected a server, got none');
    });
  });

  it('holds this build against a stored gate', async () => {
    await inFolder(async (folder) => {
      const [first, second] = ['first', 'second'].map((name) => path.join(folder, name)) as [string, string];
      await runCli(['gate', ...BRIEF, '--head', '--transport wire', '--out', first]);
      await runCli(['gate', ...BRIEF, '--baseline', path.join(first, 'gate.json'), '--out', second]);
      const report = await readReport(second);
      expect(report.base).toMatchObject({ kind: 'baseline', tool: expect.any(String) as string });
      expect(report.comparison).toMatchObject({ design: 'stored' });
      expect(report.comparison.arms[0]?.scenario.transport).toBe('wire');
      expect(report.warnings.join()).toContain('not interleaved');
      const other = await runCli(['gate', '--masters', '3', '--baseline', first, '--out', path.join(folder, 'third')]);
      expect(other.exitCode).toBe(2);
      expect(other.stderr).toContain('--masters 1 against 3');
    });
  });

  it('passes Ctrl-C on to the command that is running, and writes what there is', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'result.json');
      const out = path.join(folder, 'gate');
      const run = await runCli(['run', ...CALM, '--duration', '1s', '--json', '--out', path.join(folder, 'run')]);
      await writeFile(file, run.stdout);
      const hanging = `${process.execPath} ${FAKE} hang ${file}`;
      const command = startCli([
        'gate',
        ...BRIEF,
        '--base',
        `${process.execPath} ${FAKE} result ${file}`,
        '--head',
        hanging,
        '--out',
        out,
      ]);
      while (!(await readdir(folder)).includes('result.json.ready')) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      command.process.kill('SIGINT');
      const { exitCode } = await command.ended;
      expect(exitCode).toBe(130);
      const report = await readReport(out);
      expect(report.comparison.status).toBe('interrupted');
      expect(report.comparison.arms[1]?.runs[0]).toMatchObject({ exitCode: 130, leftOut: 'the run was interrupted' });
    });
  });
});

describe('redlock-bench calibrate', { timeout }, () => {
  it('runs the same thing twice, and leaves nothing to gate that two rounds cannot tell', async () => {
    await inFolder(async (folder) => {
      const store = path.join(folder, 'stored', 'calibration.json');
      const out = path.join(folder, 'calibration');
      const { stderr } = await runCli(['calibrate', ...BRIEF, '--store', store, '--out', out]);
      expect(stderr).toContain('gate would be misled by this calibration: it has too few rounds');
      await expect(readFile(store)).rejects.toThrow('ENOENT');
      const made = JSON.parse(await readFile(path.join(out, 'calibration.json'), 'utf8')) as Calibration;
      expect(made.comparison.arms.map(({ name, runs }) => [name, runs.length])).toEqual([
        ['A', 2],
        ['A again', 2],
      ]);
      const file = path.join(out, 'calibration.json');
      const gate = ['gate', ...BRIEF, '--head', '--transport wire', '--calibration', file];
      await runCli([...gate, '--out', path.join(folder, 'gate')]);
      const report = await readReport(path.join(folder, 'gate'));
      expect(report.calibration).toMatchObject({ file });
      expect(report.warnings.join()).toContain('the calibration is of --transport ioredis and not wire');
    });
  });

  it('refuses a place for it that cannot be written before anything is run', async () => {
    await inFolder(async (folder) => {
      for (const store of [folder, '']) {
        const out = path.join(folder, 'calibration');
        const { exitCode, stderr } = await runCli(['calibrate', ...BRIEF, `--store=${store}`, '--out', out]);
        expect(exitCode).toBe(2);
        expect(stderr).toContain('--store: expected a file that can be written');
        expect(stderr).not.toContain('internal error');
      }
    });
  });
});

describe('a gate that cannot begin, or is asked for more than speed', { timeout }, () => {
  it('refuses a history of other columns, and a place for one, before anything is run', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'history.csv');
      await writeFile(file, 'name,value\n');
      for (const [place, message] of [
        [file, 'expected the header "time,commit,load,'],
        [folder, '--history-csv: expected a file that can be written'],
      ] as const) {
        const words = ['gate', ...BRIEF, '--head', '--transport wire', '--history-csv', place];
        const { exitCode, stderr } = await runCli([...words, '--out', path.join(folder, 'gate')]);
        expect(exitCode).toBe(2);
        expect(stderr).toContain(message);
        expect(stderr).not.toContain('gating head against base');
      }
    });
  });

  it('refuses a command that prints the same run in every round, and writes no password of it', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'result.json');
      const out = path.join(folder, 'gate');
      const run = await runCli(['run', ...CALM, '--duration', '1s', '--json', '--out', path.join(folder, 'run')]);
      await writeFile(file, run.stdout);
      const cat = `${process.execPath} -e "process.stdout.write(require('fs').readFileSync(process.argv[1]))" ${file}`;
      const words = ['gate', ...BRIEF, '--base', `${cat} redis://me:canary@10.0.0.1:6379`, '--out', out];
      const { exitCode, stdout, stderr } = await runCli(words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('expected a new run of base in every round');
      const report = await readReport(out);
      expect(report).toMatchObject({ exitCode: 2, base: { kind: 'command' } });
      expect(stdout).toMatch(
        /^(INCONCLUSIVE|INVALID) \(interrupted after \d of 2 rounds\), but it failed with exit code 2/m,
      );
      const written = await Promise.all(
        ['gate.json', 'junit.xml', 'summary.md', 'report.html'].map((name) => readFile(path.join(out, name), 'utf8')),
      );
      expect([stdout, stderr, ...written].filter((text) => text.includes('canary'))).toEqual([]);
    });
  });
});
