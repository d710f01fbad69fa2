/**
 * What is shown while a run goes on: a live view on a terminal, a plain line a second elsewhere.
 *
 * @module
 */
import { isMomentary, type FaultReceipt } from '../model/fault.js';
import { formatThings } from '../model/figure-text.js';
import type { IntervalReport, MasterVitals, WatchedReport } from '../model/interval.js';
import { OPERATION_STATUSES } from '../model/operation.js';
import { formatNs, msToS, nsToMs, sToNs, systemClock, type Ns } from '../model/time.js';
import { nameFault } from '../report/fault-words.js';
import { formatPlanned, renderLiveBlock, type LiveStyle } from './live-block.js';
import { LiveRun, type LivePlan } from './live-state.js';
import type { Screen, TerminalSize } from './screen.js';

/** Hears of a run and shows it. */
export interface Progress {
  readonly phase: (description: string) => void;
  /** The load begins; it will last for the warm-up and then for the measured window. */
  readonly loaded: (barrierNs: Ns) => void;
  readonly interval: (report: IntervalReport, watched: WatchedReport) => void;
  readonly fault: (receipt: FaultReceipt) => void;
  readonly vitals: (master: number, vitals: MasterVitals) => void;
  /** Leaves the terminal as it was. */
  readonly end: () => void;
}

/** Shows nothing. */
export const silentProgress: Progress = {
  phase: () => undefined,
  loaded: () => undefined,
  interval: () => undefined,
  fault: () => undefined,
  vitals: () => undefined,
  end: () => undefined,
};

/** One plain line for each phase, each fault and each second: for logs and pipes. */
export function plainProgress({ title, scenario }: LivePlan, write: (line: string) => void): Progress {
  const { warmupMs, durationMs } = scenario;
  const told = new Set<string>();
  return {
    ...silentProgress,
    phase: (description) => {
      write(`${title}: ${description}`);
    },
    loaded: () => {
      const warmup = warmupMs > 0 ? `warm-up ${formatPlanned(warmupMs)}, then ` : '';
      write(`${title}: ${warmup}measuring ${formatPlanned(durationMs)}`);
    },
    interval: (report, { witnessed }) => {
      const elapsedMs = report.point.atMs + report.point.lengthMs;
      const overlaps =
        witnessed.contractCount > 0
          ? `  ${formatThings(witnessed.contractCount, 'OVERLAP', 'OVERLAPS')} against the contract`
          : '';
      write(
        `${title}: ${formatElapsed(elapsedMs, durationMs)} of ${formatPlanned(durationMs)}  ${describe(report)}${overlaps}`,
      );
    },
    fault: (receipt) => {
      write(`${title}: ${nameFault(receipt)} ${sayReceipt(receipt, told.has(receipt.fault))}`);
      told.add(receipt.fault);
    },
  };
}

/** A block that is drawn again four times a second, above which other lines may come in. */
export function liveProgress(
  plan: LivePlan,
  screen: Screen,
  styleIn: (size: TerminalSize) => LiveStyle,
  signal: AbortSignal,
): Progress {
  const run = new LiveRun(plan);
  screen.show((size) => {
    const state = run.view(systemClock.nowNs(), signal.aborted);
    const phase = signal.aborted && state.phase === '' ? 'interrupted: draining' : state.phase;
    return renderLiveBlock({ ...state, phase }, styleIn(size));
  });
  return {
    phase: (description) => {
      run.phase(description);
      screen.refresh();
    },
    loaded: (barrierNs) => {
      run.loaded(barrierNs);
    },
    interval: (report, watched) => {
      run.interval(report, watched);
    },
    fault: (receipt) => {
      run.fault(receipt, systemClock.nowNs());
    },
    vitals: (master, vitals) => {
      run.vitals(master, vitals);
    },
    end: () => {
      screen.clear();
    },
  };
}

/** A receipt comes when a fault was injected, and again when its end was looked for. */
function sayReceipt({ status, kind, healedNs }: FaultReceipt, isSecond: boolean): string {
  if (isSecond) return healedNs === null && !isMomentary(kind) ? 'end not seen' : 'over';
  return status === 'not-run' ? 'not injected' : 'injected';
}

function describe({ point, histograms }: IntervalReport): string {
  const failures = OPERATION_STATUSES.filter((status) => status !== 'acquired' && point.counts[status] > 0).map(
    (status) => `${status} ${String(point.counts[status])}`,
  );
  const latency =
    histograms['acquire.response'].count === 0
      ? 'nothing acquired'
      : `p50 ${formatNs(point.responseP50Ns)}  p99 ${formatNs(point.responseP99Ns)}`;
  return [`${String(Math.round(point.ratePerSecond))}/s`, latency, ...failures].join('  ');
}

/** Whole seconds, but of a window that is not made of them. */
function formatElapsed(ms: number, durationMs: number): string {
  const stepMs = Number.isInteger(msToS(durationMs)) ? nsToMs(sToNs(1)) : FINE_STEP_MS;
  return formatPlanned(stepMs * Math.round(ms / stepMs));
}

const FINE_STEP_MS = 100;
