/**
 * The folder of a run: what is written before, during and after it.
 *
 * @module
 */
import { appendFileSync, closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { RedlockBenchError, toError, UsageError } from '../model/errors.js';
import type { FaultReceipt } from '../model/fault.js';
import type { IntervalReport } from '../model/interval.js';
import type { Manifest, RunResult } from '../model/result.js';
import { drawingsOf } from './drawings.js';
import { toJson } from './json-text.js';
import { syncFolder, writeDurably, writeInto } from './durable-file.js';
import { faultLine } from './fault-log.js';
import { intervalLogHeader, intervalRows } from './interval-log.js';
import { percentileTexts } from './percentile-text.js';
import { compileResultCheck } from './result-schema.js';

export const MANIFEST_FILE = 'manifest.json';
export const RESULT_FILE = 'result.json';
export const INTERVALS_FILE = 'intervals.hlog';
/** Receipts, one a line; of a fault that was healed the last one counts. */
export const FAULTS_FILE = 'faults.jsonl';

/** Writes one run's folder. Whoever creates it ends it with `finish`. */
export class RunFolder {
  readonly #directory: string;
  readonly #log: number;
  readonly #problems: string[] = [];
  #isOpen = true;
  #hasFaults = false;

  private constructor(directory: string, log: number) {
    this.#directory = directory;
    this.#log = log;
  }

  /**
   * Makes the folder and writes what must survive even a killed run: the manifest, synced, and the head of the interval log.
   *
   * @throws UsageError when the folder already holds a run, which would be mixed with this one
   */
  static async create(directory: string, manifest: Manifest): Promise<RunFolder> {
    const present = await openFolder(directory);
    const earlier = [MANIFEST_FILE, RESULT_FILE].find((file) => present.includes(file));
    if (earlier !== undefined) {
      throw new UsageError([
        `--out: expected a new folder, got ${directory}, which holds ${earlier} of another run; choose another folder or remove it`,
      ]);
    }
    await syncFolder(path.dirname(path.resolve(directory)));
    await writeDurably(path.join(directory, MANIFEST_FILE), toJson(manifest));
    const log = openSync(path.join(directory, INTERVALS_FILE), 'wx');
    writeSync(log, intervalLogHeader(manifest));
    return new RunFolder(directory, log);
  }

  /** What could not be written while the run went on, one sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /**
   * Appends an interval. Written to the system at once, so that a killed process loses at most the interval under way;
   * a failure is kept in `problems`, because a full disk must not end a run.
   */
  interval(report: IntervalReport): void {
    // The system may have given the number of a closed file to another one.
    if (!this.#isOpen) return;
    try {
      writeSync(this.#log, intervalRows(report));
    } catch (thrown) {
      this.#note(`${INTERVALS_FILE}: not every interval could be written: ${toError(thrown).message}`);
    }
  }

  /** Appends the receipt of a fault, at once and with the same care as an interval. */
  fault(receipt: FaultReceipt): void {
    if (!this.#isOpen) return;
    try {
      appendFileSync(path.join(this.#directory, FAULTS_FILE), faultLine(receipt));
      this.#hasFaults = true;
    } catch (thrown) {
      this.#note(`${FAULTS_FILE}: not every receipt could be written: ${toError(thrown).message}`);
    }
  }

  /**
   * Writes the result and everything drawn from it; what went wrong with the intervals joins its incidents.
   *
   * @param isDrawn false for one of the many runs of a comparison, which is drawn as a whole
   * @returns the paths that were written
   * @throws RedlockBenchError (code OUTPUT) when the result violates its own schema or a file could not be written; by
   * then everything else has been
   */
  async finish(result: RunResult, isDrawn = true): Promise<readonly string[]> {
    this.#closeLog();
    const whole: RunResult = { ...result, incidents: [...result.incidents, ...this.#problems] };
    const files = [MANIFEST_FILE, INTERVALS_FILE, ...(this.#hasFaults ? [FAULTS_FILE] : [])];
    const failures: string[] = [];
    const attempt = async (name: string, write: (file: string) => Promise<void>): Promise<void> => {
      try {
        await write(path.join(this.#directory, name));
        files.push(name);
      } catch (thrown) {
        failures.push(`${name}: ${toError(thrown).message}`);
      }
    };

    const json = toJson(whole);
    await attempt(RESULT_FILE, (file) => writeDurably(file, json));
    // What was written is checked, not what was meant: JSON turns NaN into null and leaves undefined out.
    const check = await compileResultCheck();
    failures.push(...check(JSON.parse(json)).map((violation) => `${RESULT_FILE}: ${violation}`));
    for (const [name, text] of percentileTexts(whole)) {
      await attempt(path.join('histograms', `${name}.hgrm`), (file) => writeInto(file, text));
    }
    for (const { name, draw } of isDrawn ? drawingsOf([whole], whole.scenario.name) : []) {
      await attempt(name, async (file) => writeInto(file, await draw()));
    }
    if (failures.length > 0) {
      throw new RedlockBenchError('OUTPUT', `${this.#directory}: expected a whole folder, got\n${failures.join('\n')}`);
    }
    return files.map((file) => path.join(this.#directory, file));
  }

  #note(problem: string): void {
    if (!this.#problems.includes(problem)) this.#problems.push(problem);
  }

  #closeLog(): void {
    this.#isOpen = false;
    try {
      fsyncSync(this.#log);
    } catch (thrown) {
      this.#problems.push(`${INTERVALS_FILE}: could not be synced: ${toError(thrown).message}`);
    } finally {
      closeSync(this.#log);
    }
  }
}

async function openFolder(directory: string): Promise<string[]> {
  try {
    await mkdir(directory, { recursive: true });
    return await readdir(directory);
  } catch (thrown) {
    throw new UsageError([
      `--out: expected a folder that can be written, got ${directory}: ${toError(thrown).message}; choose another one`,
    ]);
  }
}
