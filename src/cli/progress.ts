/**
 * What is shown while a run goes on: a live line on a terminal, a plain line a second elsewhere.
 *
 * @module
 */
import type { IntervalReport } from '../model/interval.js';
import { OPERATION_STATUSES } from '../model/operation.js';
import { formatNs, msToS, nsToMs, systemClock, type Ns } from '../model/time.js';

const REFRESH_MS = 250;
const ERASE_LINE = '\r\x1b[2K';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/** Hears of a run and shows it. */
export interface Progress {
  readonly phase: (description: string) => void;
  /** The load begins; it will last for the warm-up and then for the measured window. */
  readonly loaded: (barrierNs: Ns) => void;
  readonly interval: (report: IntervalReport) => void;
  /** Leaves the terminal as it was. */
  readonly end: () => void;
}

export interface ProgressPlan {
  readonly label: string;
  readonly warmupMs: number;
  readonly durationMs: number;
}

/** Shows nothing. */
export const silentProgress: Progress = {
  phase: () => undefined,
  loaded: () => undefined,
  interval: () => undefined,
  end: () => undefined,
};

/** One plain line for each phase and each second: for logs and pipes. */
export function plainProgress(plan: ProgressPlan, write: (text: string) => void): Progress {
  return {
    phase: (description) => {
      write(`${plan.label}: ${description}\n`);
    },
    loaded: () => {
      const warmup = plan.warmupMs > 0 ? `warm-up ${seconds(plan.warmupMs)}, then ` : '';
      write(`${plan.label}: ${warmup}measuring ${seconds(plan.durationMs)}\n`);
    },
    interval: (report) => {
      const elapsedMs = report.point.atMs + report.point.lengthMs;
      write(`${plan.label}: ${seconds(elapsedMs)} of ${seconds(plan.durationMs)}  ${describe(report)}\n`);
    },
    end: () => undefined,
  };
}

/** One line that is rewritten four times a second, cut to the terminal's width; the cursor comes back at the end. */
export function liveProgress(plan: ProgressPlan, columns: number, write: (text: string) => void): Progress {
  let status = '';
  let startNs: Ns | undefined;
  let latest = '';
  const draw = (): void => {
    const timing = startNs === undefined ? status : describeTime(plan, nsToMs(systemClock.nowNs() - startNs));
    write(`${ERASE_LINE}${`${plan.label}  ${timing}${latest}`.slice(0, columns - 1)}`);
  };
  const timer = setInterval(draw, REFRESH_MS);
  write(HIDE_CURSOR);
  return {
    phase: (description) => {
      status = description;
      draw();
    },
    loaded: (barrierNs) => {
      startNs = barrierNs;
    },
    interval: (report) => {
      latest = `  ${describe(report)}`;
    },
    end: () => {
      clearInterval(timer);
      write(`${ERASE_LINE}${SHOW_CURSOR}`);
    },
  };
}

function describeTime(plan: ProgressPlan, sinceBarrierMs: number): string {
  const measuredMs = sinceBarrierMs - plan.warmupMs;
  if (measuredMs < 0) return `warming up, ${seconds(-measuredMs)} left`;
  const leftMs = plan.durationMs - measuredMs;
  return leftMs <= 0 ? 'draining' : `${seconds(measuredMs)} of ${seconds(plan.durationMs)}`;
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
