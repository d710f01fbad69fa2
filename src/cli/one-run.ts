/**
 * One run from a command: shown while it goes on, written into its folder.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HISTORY_FOLDER, segmentName } from '../model/history.js';
import type { FaultReceipt } from '../model/fault.js';
import type { IntervalReport, WatchedReport } from '../model/interval.js';
import type { Manifest, RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { RunFolder } from '../report/run-folder.js';
import { runScenario } from '../run.js';
import { liveProgress, plainProgress, silentProgress, type Progress } from './progress.js';
import type { Screen } from './screen.js';
import { glyphsOf, styleOf } from './terminal.js';

export interface OneRun {
  readonly scenario: Scenario;
  readonly directory: string;
  /** Stands before its progress. */
  readonly label: string;
  /** Where it stands in a command of many runs, for the live view. */
  readonly whole?: string | undefined;
  /** Where its progress is shown. */
  readonly screen: Screen;
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
  const progress = chooseProgress(run, signal);
  const historyFolder = run.scenario.history ? path.join(run.directory, HISTORY_FOLDER) : undefined;
  let folder: RunFolder | undefined;
  const listener = {
    phase: progress.phase,
    loaded: progress.loaded,
    started: async (manifest: Manifest) => {
      folder = await RunFolder.create(run.directory, manifest);
      if (historyFolder !== undefined) await mkdir(historyFolder, { recursive: true });
    },
    interval: (report: IntervalReport, watched: WatchedReport) => {
      folder?.interval(report);
      progress.interval(report, watched);
    },
    fault: (receipt: FaultReceipt) => {
      folder?.fault(receipt);
      progress.fault(receipt);
    },
    vitals: progress.vitals,
  };
  try {
    const result = await runScenario(run.scenario, { listener, environment: process.env, signal, historyFolder });
    if (run.isDrawn && run.screen.isLive) progress.phase('drawing charts and writing the report');
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

function chooseProgress({ scenario, label, whole, isQuiet, screen }: OneRun, signal: AbortSignal): Progress {
  if (isQuiet) return silentProgress;
  const plan = { title: label, whole, scenario };
  if (!screen.isLive) return plainProgress(plan, screen.line.bind(screen));
  const { color } = styleOf(process.stderr, process.env);
  const glyphs = glyphsOf(process.env);
  return liveProgress(plan, screen, (size) => ({ ...size, color, glyphs }), signal);
}
