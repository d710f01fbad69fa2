/**
 * What is shown while a run goes on: a live view on a terminal, a plain line a second elsewhere.
 *
 * @module
 */
import type { FaultReceipt } from '../model/fault.js';
import { formatThings } from '../model/figure-text.js';
import type { IntervalReport, MasterVitals, WatchedReport } from '../model/interval.js';
import { OPERATION_STATUSES } from '../model/operation.js';
import { formatNs, msToS, systemClock, type Ns } from '../model/time.js';
import { nameFault } from '../report/fault-words.js';
import { renderLiveBlock, type LiveStyle } from './live-block.js';
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
  const healed = new Set<string>();
  return {
    ...silentProgress,
    phase: (description) => {
      write(`${title}: ${description}`);
    },
    loaded: () => {
      const warmup = warmupMs > 0 ? `warm-up ${seconds(warmupMs)}, then ` : '';
      write(`${title}: ${warmup}measuring ${seconds(durationMs)}`);
    },
    interval: (report, { witnessed }) => {
      const elapsedMs = report.point.atMs + report.point.lengthMs;
      const overlaps =
        witnessed.contractCount > 0
          ? `  ${formatThings(witnessed.contractCount, 'OVERLAP', 'OVERLAPS')} against the contract`
          : '';
      write(`${title}: ${seconds(elapsedMs)} of ${seconds(durationMs)}  ${describe(report)}${overlaps}`);
    },
    fault: (receipt) => {
      const verb = healed.has(receipt.fault) ? 'over' : receipt.status === 'not-run' ? 'not injected' : 'injected';
      healed.add(receipt.fault);
      write(`${title}: ${nameFault(receipt)} ${verb}`);
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
    const state = run.view(systemClock.nowNs());
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

function seconds(ms: number): string {
  return `${msToS(Math.max(0, ms)).toFixed(0)} s`;
}
