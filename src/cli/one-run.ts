/**
 * One run from a command: shown while it goes on, written into its folder.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HISTORY_FOLDER, segmentName } from '../model/history.js';
import type { FaultReceipt } from '../model/fault.js';
import type { IntervalReport } from '../model/interval.js';
import type { Manifest, RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { RunFolder } from '../report/run-folder.js';
import { runScenario } from '../run.js';
import { liveProgress, plainProgress, silentProgress, type Progress } from './progress.js';
import { isLive, styleOf } from './terminal.js';

export interface OneRun {
  readonly scenario: Scenario;
  readonly directory: string;
  /** Stands before its progress. */
  readonly label: string;
  readonly isQuiet: boolean;
  /** Whether its folder gets charts and a page; one of the many runs of a comparison needs none. */
  readonly isDrawn: boolean;
}

/** A finished run and the files that were written of it. */
export interface WrittenRun {
  readonly result: RunResult;
  readonly files: readonly string[];
}

/** Runs and writes. Undefined when it was interrupted before anything was measured. */
export async function runOne(run: OneRun, signal: AbortSignal): Promise<WrittenRun | undefined> {
  const progress = chooseProgress(run);
  const historyFolder = run.scenario.history ? path.join(run.directory, HISTORY_FOLDER) : undefined;
  let folder: RunFolder | undefined;
  const listener = {
    phase: progress.phase,
    loaded: progress.loaded,
    started: async (manifest: Manifest) => {
      folder = await RunFolder.create(run.directory, manifest);
      if (historyFolder !== undefined) await mkdir(historyFolder, { recursive: true });
    },
    interval: (report: IntervalReport) => {
      folder?.interval(report);
      progress.interval(report);
    },
    fault: (receipt: FaultReceipt) => {
      folder?.fault(receipt);
    },
  };
  try {
    const result = await runScenario(run.scenario, { listener, environment: process.env, signal, historyFolder });
    progress.end();
    const files = (await folder?.finish(result, run.isDrawn)) ?? [];
    return { result, files: [...files, ...segmentFiles(historyFolder, run.scenario.workers)] };
  } catch (thrown) {
    // Stopped while it was still starting: there is nothing to write and nothing to complain about.
    if (signal.aborted && folder === undefined) return undefined;
    throw thrown;
  } finally {
    progress.end();
  }
}

function segmentFiles(folder: string | undefined, workers: number): string[] {
  if (folder === undefined) return [];
  return Array.from({ length: workers }, (_, worker) => path.join(folder, segmentName(worker)));
}

function chooseProgress({ scenario, label, isQuiet }: OneRun): Progress {
  if (isQuiet) return silentProgress;
  const write = (text: string): void => {
    process.stderr.write(text);
  };
  const plan = { label, warmupMs: scenario.warmupMs, durationMs: scenario.durationMs };
  return isLive(process.stderr, process.env)
    ? liveProgress(plan, styleOf(process.stderr, process.env).columns, write)
    : plainProgress(plan, write);
}
