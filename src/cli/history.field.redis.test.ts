import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.js';
import { inFolder, runCli, startCli } from './cli.fixture.js';

const brokenLock = new URL('../locks/broken-lock.fixture.mjs', import.meta.url).pathname;
const WORDS = ['run', '--masters', '1', '--workers', '2', '--concurrency', '8', '--history', '--duration', '1s'];

/** Runs with a history into a folder of its own, checks it again, and lends both results. */
async function withRun(
  words: readonly string[],
  examine: (run: { folder: string; result: RunResult; again: RunResult; reportCode: number | null }) => Promise<void>,
): Promise<void> {
  await inFolder(async (place) => {
    const folder = path.join(place, 'run');
    const { stdout, stderr } = await runCli([...WORDS, ...words, '--json', '--out', folder]);
    if (stdout === '') throw new Error(`expected a result, got:\n${stderr}`);
    const report = await runCli(['report', folder, '--json']);
    if (report.stdout === '') throw new Error(`expected a result again, got:\n${report.stderr}`);
    const [result, again] = [stdout, report.stdout].map((text) => JSON.parse(text) as RunResult);
    await examine({ folder, result: result!, again: again!, reportCode: report.exitCode });
  });
}

describe('redlock-bench run --history', () => {
  it('finds in the history what the witness saw of a lock that excludes, and report finds it again', async () => {
    await withRun(['--keys', 'uniform:4', '--warmup', '200ms'], async ({ folder, result, again, reportCode }) => {
      const { safety, acquire } = result;
      expect(safety).toMatchObject({ verdict: 'none-observed', contractCount: 0, reasons: [] });
      expect(safety.history).toMatchObject({
        // The warm-up too, as in the witness.
        holds: safety.witnessed,
        contractCount: 0,
        overruns: 0,
        grantedExpired: 0,
        unchecked: 0,
        agreesWithWitness: true,
      });
      expect(safety.history!.operations).toBeGreaterThan(acquire.counts.acquired);
      expect(await readdir(path.join(folder, 'history'))).toEqual(['worker-0.history', 'worker-1.history']);
      expect(again.safety).toEqual(safety);
      expect(reportCode).toBe(0);
    });
  });

  it('convicts a lock without NX by its history alone', async () => {
    const words = ['--keys', 'single', '--hold', '2ms', '--lock', brokenLock];
    await withRun(words, async ({ folder, result, reportCode }) => {
      const { safety } = result;
      expect(result.exitCode).toBe(3);
      expect(safety.history).toMatchObject({ holds: safety.witnessed, agreesWithWitness: true, unchecked: 0 });
      // One counts pairs of intervals, the other who found a cell taken: in a crowd they may differ by a few.
      expect(safety.history!.contractCount).toBeGreaterThan(0.95 * safety.contractCount);
      expect(reportCode).toBe(3);
      // As if the witness had been blind.
      const blind = {
        ...result,
        safety: { ...safety, verdict: 'none-observed', contractCount: 0, overruns: 0, contract: [] },
      };
      await writeFile(path.join(folder, 'result.json'), JSON.stringify(blind));
      const { exitCode, stdout } = await runCli(['report', folder]);
      expect(exitCode).toBe(3);
      // With the first of the overlaps, although the witness listed none.
      expect(stdout.replace(/\s+/g, ' ')).toMatch(/VIOLATED: [\d,]+ overlaps? .*first on key 0 at/);
      expect(stdout).toContain('DISAGREES');
    });
  });

  it('does not trust a witness that saw what the history rules out, nor a history with a hole', async () => {
    await withRun(['--keys', 'uniform:4', '--warmup', '0s'], async ({ folder, result }) => {
      const seeing = { ...result, safety: { ...result.safety, overruns: 1 } };
      await writeFile(path.join(folder, 'result.json'), JSON.stringify(seeing));
      const doubted = await runCli(['report', folder, '--json']);
      expect(doubted.exitCode).toBe(4);
      expect(JSON.parse(doubted.stdout)).toMatchObject({
        safety: { verdict: 'unknown', reasons: [expect.stringContaining('disagree about overlaps')] },
        exitCode: 4,
      });

      await writeFile(path.join(folder, 'result.json'), JSON.stringify(result));
      const file = path.join(folder, 'history', 'worker-1.history');
      const bytes = await readFile(file);
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      await writeFile(file, bytes);
      const damaged = await runCli(['report', folder]);
      expect(damaged.exitCode).toBe(4);
      expect(damaged.stdout).toContain('worker-1.history is damaged');
    });
  });

  it('says of a run that was killed what its history says, and that its end is not known', async () => {
    await inFolder(async (place) => {
      const folder = path.join(place, 'run');
      const words = ['--keys', 'single', '--warmup', '0s', '--duration', '10m', '--hold', '1ms', '--out', folder];
      const running = startCli([...WORDS.slice(0, -2), ...words]);
      await running.shows('3 s of 600 s');
      running.process.kill('SIGKILL');
      await running.ended;
      const { exitCode, stdout } = await runCli(['report', folder, '--json']);
      const { safety, status, acquire, exitCode: statedCode } = JSON.parse(stdout) as RunResult;
      expect(status).toBe('crashed');
      expect(safety).toMatchObject({
        verdict: 'unknown',
        reasons: ['the last second of 2 workers is not known'],
        contractCount: 0,
        overruns: 0,
      });
      expect(safety.history).toMatchObject({ contractCount: 0, unchecked: 0, agreesWithWitness: null });
      expect(safety.witnessed).toBe(safety.history!.holds);
      // The intervals of the log are whole seconds; the history was flushed about as late.
      expect(safety.history!.holds).toBeGreaterThan(acquire.counts.acquired / 2);
      expect([exitCode, statedCode]).toEqual([4, 4]);
    });
  });

  it('convicts a lock of a run that was killed', async () => {
    await inFolder(async (place) => {
      const folder = path.join(place, 'run');
      const words = ['--keys', 'single', '--warmup', '0s', '--duration', '10m', '--hold', '2ms', '--lock', brokenLock];
      const running = startCli([...WORDS.slice(0, -2), ...words, '--out', folder]);
      await running.shows('3 s of 600 s');
      running.process.kill('SIGKILL');
      await running.ended;
      const { exitCode, stdout } = await runCli(['report', folder]);
      expect(exitCode).toBe(3);
      expect(stdout).toContain('VIOLATED');
    });
  });

  it('writes none without the option', async () => {
    await inFolder(async (place) => {
      const folder = path.join(place, 'run');
      const { stdout } = await runCli([
        'run',
        '--masters',
        '1',
        '--duration',
        '1s',
        '--warmup',
        '0s',
        '--json',
        '--out',
        folder,
      ]);
      expect((JSON.parse(stdout) as RunResult).safety.history).toBeNull();
      await expect(stat(path.join(folder, 'history'))).rejects.toThrow('ENOENT');
    });
  });
});
