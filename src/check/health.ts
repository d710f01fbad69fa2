/**
 * Whether a run's numbers describe the locks, judged from the evidence that the run gathered about itself.
 *
 * @module
 */
import { roughPercent } from '../model/figure-text.js';
import type { Health, HealthVerdict } from '../model/result.js';
import { formatNs, msToNs, type Ns } from '../model/time.js';
import { CROWDED_CORES, CROWDED_SHARE, FULL_SHARE, isCrowded } from './other-processes.js';

/** What a run knows about itself. */
export interface HealthEvidence {
  readonly isOpenLoop: boolean;
  readonly workers: number;
  /** Workers that the scenario had killed. */
  readonly killed: number;
  /** Evidence of each worker; a worker that died, or was killed, left none. */
  readonly perWorker: readonly WorkerEvidence[];
  readonly scheduleDelayP99Ns: Ns;
  readonly responseP99Ns: Ns;
  /** Starts that the schedule intended, and those that the in-flight cap turned away. */
  readonly intended: number;
  readonly dropped: number;
  readonly generatorCpuSeconds: number;
  readonly serverCpuSeconds: number;
  /** Of processes that are not of this run, in the same time; null where it cannot be read. */
  readonly otherCpuSeconds: number | null;
  /** The time in which both were used. */
  readonly cpuSpanSeconds: number;
  readonly cores: number;
  readonly serversAreLocal: boolean;
  /** The lock threw an exception, which it must not: its outcomes are guesses. */
  readonly adapterThrew: boolean;
}

export interface WorkerEvidence {
  readonly eventLoopUtilization: number;
  readonly eventLoopDelay: { readonly p50Ns: Ns; readonly p99Ns: Ns; readonly maxNs: Ns };
  readonly gcShare: number;
}

/** An open loop's starts may be this late at the 99th percentile, or a tenth of the response, whichever is larger. */
const LATE_START_NS = msToNs(2);
const LATE_START_SHARE = 0.1;
/** A closed loop whose busiest worker exceeds this is limited by itself. */
export const SATURATED_UTILIZATION = 0.9;
/** Generator and local servers together using this share of the machine: they take CPU from each other. */
const SATURATED_MACHINE = 0.9;
/** Workers below this had time to spare: more of them would not help. */
const IDLE_UTILIZATION = 0.5;
/** A worker that collects garbage for longer than this leaves its mark on the tail. */
const NOTABLE_GC_SHARE = 0.2;

/** Judges a run. The first verdict that applies of invalid, overloaded, suspect, valid; all reasons are listed. */
export function judgeHealth(evidence: HealthEvidence): Health {
  const findings = [lateStarts(evidence), drops(evidence), ...saturation(evidence)].filter(
    (found) => found !== undefined,
  );
  const verdict = (['invalid', 'overloaded', 'suspect'] as const).find((candidate) =>
    findings.some((finding) => finding.verdict === candidate),
  );
  const { perWorker } = evidence;
  const most = (pick: (worker: WorkerEvidence) => number): number => Math.max(0, ...perWorker.map(pick));
  return {
    verdict: verdict ?? 'valid',
    reasons: findings.map((finding) => finding.reason),
    eventLoopUtilization: most((worker) => worker.eventLoopUtilization),
    eventLoopDelay: {
      p50Ns: most((worker) => worker.eventLoopDelay.p50Ns),
      p99Ns: most((worker) => worker.eventLoopDelay.p99Ns),
      maxNs: most((worker) => worker.eventLoopDelay.maxNs),
    },
    gcShare: most((worker) => worker.gcShare),
    generatorCpuSeconds: evidence.generatorCpuSeconds,
    serverCpuSeconds: evidence.serverCpuSeconds,
    otherCpuSeconds: evidence.otherCpuSeconds,
    cpuSpanSeconds: evidence.cpuSpanSeconds,
    achievedOverOffered: evidence.intended === 0 ? 1 : (evidence.intended - evidence.dropped) / evidence.intended,
    isRateLowerBound: findings.some((finding) => finding.isRateLowerBound === true),
  };
}

interface Finding {
  readonly verdict: HealthVerdict;
  readonly reason: string;
  readonly isRateLowerBound?: boolean;
}

/** How late the starts of an open loop may be at the 99th percentile, beside such a response. */
export function lateStartLimitNs(responseP99Ns: Ns): Ns {
  return Math.max(LATE_START_NS, LATE_START_SHARE * responseP99Ns);
}

function lateStarts(evidence: HealthEvidence): Finding | undefined {
  const limitNs = lateStartLimitNs(evidence.responseP99Ns);
  if (!evidence.isOpenLoop || evidence.scheduleDelayP99Ns <= limitNs) return undefined;
  return {
    verdict: 'invalid',
    reason:
      `operations began late: schedule delay p99 ${formatNs(evidence.scheduleDelayP99Ns)}, limit ${formatNs(limitNs)}; ` +
      `the generator shaped these numbers, not the servers. ${advice(evidence)}`,
  };
}

function drops(evidence: HealthEvidence): Finding | undefined {
  if (!evidence.isOpenLoop || evidence.dropped === 0) return undefined;
  const share = ((100 * evidence.dropped) / evidence.intended).toFixed(1);
  return {
    verdict: 'overloaded',
    reason:
      `${String(evidence.dropped)} of ${String(evidence.intended)} starts (${share} %) were dropped because the in-flight cap was full; ` +
      'the locks did not keep up with --rate: lower it, or raise --in-flight to see how long the queue grows',
  };
}

function saturation(evidence: HealthEvidence): (Finding | undefined)[] {
  const { perWorker, isOpenLoop } = evidence;
  const busiest = Math.max(0, ...perWorker.map((worker) => worker.eventLoopUtilization));
  const usedCores = usedCoresIn(evidence);
  const gcShare = Math.max(0, ...perWorker.map((worker) => worker.gcShare));
  const died = evidence.workers - evidence.killed - perWorker.length;
  const verdict = 'suspect';
  return [
    !isOpenLoop && busiest > SATURATED_UTILIZATION
      ? {
          verdict,
          isRateLowerBound: true,
          reason: `a worker was busy ${roughPercent(busiest)} of the time, so the rate is a lower bound. ${advice(evidence)}`,
        }
      : undefined,
    !isOpenLoop && evidence.serversAreLocal && usedCores > SATURATED_MACHINE * evidence.cores
      ? {
          verdict,
          isRateLowerBound: true,
          reason:
            `generator and masters together used ${usedCores.toFixed(1)} of ${String(evidence.cores)} cores, so they slowed each other down ` +
            'and the rate is a lower bound: put the masters on another machine (--endpoint)',
        }
      : undefined,
    crowd(evidence),
    gcShare > NOTABLE_GC_SHARE
      ? {
          verdict,
          reason: `a worker collected garbage ${roughPercent(gcShare)} of the time: use more --workers or fewer clients`,
        }
      : undefined,
    evidence.adapterThrew
      ? {
          verdict,
          reason:
            'the lock threw exceptions, which it must not; they were counted as indeterminate: correct the adapter',
        }
      : undefined,
    died > 0
      ? {
          verdict,
          reason: `${String(died)} of ${String(evidence.workers)} workers died; the others' numbers stand`,
        }
      : undefined,
  ];
}

function crowd(evidence: HealthEvidence): Finding | undefined {
  const { otherCpuSeconds, cpuSpanSeconds, cores } = evidence;
  if (otherCpuSeconds === null || cpuSpanSeconds === 0) return undefined;
  const otherCores = otherCpuSeconds / cpuSpanSeconds;
  const usedCores = usedCoresIn(evidence);
  if (!isCrowded({ otherCores, usedCores, cores })) return undefined;
  const isMuch = otherCores > CROWDED_SHARE * cores;
  const limit = isMuch
    ? `${roughPercent(otherCores / cores)}, limit ${roughPercent(CROWDED_SHARE)}`
    : `limit ${CROWDED_CORES.toFixed(1)} where all together use ${roughPercent(FULL_SHARE)}, and they used ${roughPercent((otherCores + usedCores) / cores)}`;
  return {
    verdict: 'suspect',
    reason:
      `other processes of this machine used ${otherCores.toFixed(1)} of its ${String(cores)} cores (${limit}), ` +
      'which slowed this run down by an unknown amount: end them, or measure on a machine of its own',
  };
}

/** Cores of this machine that the run itself used, on average. */
function usedCoresIn({
  generatorCpuSeconds,
  serverCpuSeconds,
  serversAreLocal,
  cpuSpanSeconds,
}: HealthEvidence): number {
  const cpuSeconds = generatorCpuSeconds + (serversAreLocal ? serverCpuSeconds : 0);
  return cpuSpanSeconds === 0 ? 0 : cpuSeconds / cpuSpanSeconds;
}

/** What to do about a generator at its limit, by what limits it. */
function advice({ workers, cores, perWorker }: HealthEvidence): string {
  const busiest = Math.max(0, ...perWorker.map((worker) => worker.eventLoopUtilization));
  if (busiest < IDLE_UTILIZATION) {
    return 'Its workers were mostly idle, so something else held them up: look for other load on this machine, or a blocked event loop';
  }
  return workers < cores
    ? `Use more workers (--workers ${String(Math.min(cores, workers * 2))}), or lower the load`
    : `All ${String(cores)} cores have a worker already: lower the load, or use a larger or second machine for the masters`;
}
