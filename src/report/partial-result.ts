/**
 * The result that a killed run did not write: what its manifest and its intervals can still say, and nothing more.
 *
 * @module
 */
import { formatThings } from '../model/figure-text.js';
import { Histogram } from '../model/histogram.js';
import { keyed } from '../model/keyed.js';
import { OPERATION_STATUSES, type OperationStatus } from '../model/operation.js';
import type { Health, Manifest, MasterIdentity, MasterResult, RunResult, SeriesPoint } from '../model/result.js';
import { msToS } from '../model/time.js';
import type { IntervalLog } from './interval-log.js';

const KILLED =
  'the run ended without writing its result: figures are those of the whole intervals before its end, and what was under way is unknown';

/** Puts together what is known; what is not stays empty and is declared unknown, never well. */
export function partialResult(manifest: Manifest, log: IntervalLog): RunResult {
  const { points, histograms, problems } = log;
  const { masters, ...rest } = manifest;
  const counts = sumCounts(points);
  const intended = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const measuredMs = points.reduce((total, point) => total + point.lengthMs, 0);
  const nothing = new Histogram();
  return {
    ...rest,
    status: 'crashed',
    incidents: [KILLED, `${formatThings(points.length, 'interval')} could be read`, ...problems],
    masters: masters.map(unaskedMaster),
    measuredMs,
    acquire: {
      counts,
      successRatio: intended === 0 ? 0 : counts.acquired / intended,
      ratePerSecond: measuredMs === 0 ? 0 : counts.acquired / msToS(measuredMs),
      response: histograms['acquire.response'].summarizeLatency(),
      service: histograms['acquire.service'].summarizeLatency(),
      scheduleDelay: histograms['acquire.scheduleDelay'].summarizeLatency(),
      gaveUp: histograms['acquire.gaveUp'].summarizeLatency(),
      unfinished: { count: counts.unfinished, oldestNs: 0 },
    },
    release: {
      ...histograms.release.summarizeLatency(),
      counts: { released: 0, lost: 0, indeterminate: 0 },
    },
    hold: histograms.hold.summarizeLatency(),
    handoff: histograms.handoff.summarizeLatency(),
    validityMs: nothing.summarizeQuantity(),
    attempts: { total: 0, perAcquisition: nothing.summarizeQuantity(), splitVotes: 0, wakeUps: 0, margins: null },
    inFlight: null,
    fairness: null,
    health: unknownHealth(),
    safety: {
      verdict: 'unknown',
      contract: [],
      contractCount: 0,
      overruns: 0,
      grantedExpired: 0,
      witnessed: 0,
      leakedKeys: null,
      keysWithoutTtl: null,
      history: null,
      reasons: ['the run was killed before its witness was read'],
    },
    thresholds: [],
    series: points,
    faults: [],
    exitCode: 1,
  };
}

function sumCounts(points: readonly SeriesPoint[]): Record<OperationStatus, number> {
  return keyed(OPERATION_STATUSES, (status) => points.reduce((total, { counts }) => total + counts[status], 0));
}

function unaskedMaster(master: MasterIdentity): MasterResult {
  return {
    ...master,
    roundTrip: new Histogram().summarizeLatency(),
    timeouts: 0,
    errors: 0,
    cpuSeconds: 0,
    commands: {},
    peakMemoryBytes: 0,
    reachableAtEnd: false,
  };
}

function unknownHealth(): Health {
  return {
    verdict: 'suspect',
    reasons: [KILLED],
    eventLoopUtilization: 0,
    eventLoopDelay: { p50Ns: 0, p99Ns: 0, maxNs: 0 },
    gcShare: 0,
    generatorCpuSeconds: 0,
    serverCpuSeconds: 0,
    otherCpuSeconds: null,
    cpuSpanSeconds: 0,
    achievedOverOffered: 1,
    isRateLowerBound: false,
  };
}
