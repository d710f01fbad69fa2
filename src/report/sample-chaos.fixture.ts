/**
 * Fault experiments for tests: one of each verdict, and the pictures that are hard to draw.
 *
 * @module
 */
import {
  CHAOS_SCHEMA_VERSION,
  type ChaosEvidence,
  type ChaosReport,
  type ExperimentResult,
  type TimelineSpan,
} from '../model/chaos.js';
import type { FaultReceipt } from '../model/fault.js';
import { msToNs } from '../model/time.js';
import { simulateRun } from './simulated-run.fixture.js';

/** A receipt whose times are given in milliseconds; null for what a probe never saw. */
export function receipt(
  fault: string,
  [appliedMs, effectMs, healedMs]: readonly [number, number | null, number | null],
  changes: Partial<FaultReceipt> = {},
): FaultReceipt {
  const master = /master=(\d+)/.exec(fault)?.[1];
  return {
    fault,
    kind: fault.split(' ')[0] ?? '',
    target: master === undefined ? 'client 1' : `master ${master}`,
    appliedNs: msToNs(appliedMs),
    effectNs: effectMs === null ? null : msToNs(effectMs),
    healedNs: healedMs === null ? null : msToNs(healedMs),
    proof: 'the pid was gone after 3.1 ms; PING answered after 402 ms',
    status: effectMs === null ? 'unproven' : 'effective',
    ...changes,
  };
}

/** An acquisition whose times are given in milliseconds: begun, settled, held until, promised until. */
export function span(
  holder: string,
  [invokedMs, returnedMs, heldUntilMs, validUntilMs]: readonly [number, number, (number | null)?, (number | null)?],
  changes: Partial<TimelineSpan> = {},
): TimelineSpan {
  const toNs = (ms: number | null | undefined): number | null => (ms === null || ms === undefined ? null : msToNs(ms));
  return {
    holder,
    keyIndex: 0,
    status: heldUntilMs === undefined ? 'held' : 'acquired',
    invokedNs: msToNs(invokedMs),
    returnedNs: msToNs(returnedMs),
    heldUntilNs: toNs(heldUntilMs),
    validUntilNs: toNs(validUntilMs),
    overlap: 'none',
    end: heldUntilMs === undefined ? '' : 'released',
    ...changes,
  };
}

const QUIET: ChaosEvidence = {
  intervals: { holds: 2, contract: 0, grantedExpired: 0, overruns: 0 },
  witness: { entered: 2, overlaps: 0 },
  ledger: { touches: 4, lostUpdates: 0, fencedLostUpdates: null, rejected: null, anomalies: [] },
  margins: [0, 1, 1],
  recoveryMs: null,
};

const QUIET_EXPERIMENT: ExperimentResult = {
  id: 'F0',
  name: 'contention',
  question: 'Does the lock exclude when nothing fails?',
  lock: 'redlock',
  isMutant: false,
  variant: 'redlock',
  masters: 3,
  expected: [],
  allowed: [],
  observed: [],
  verdict: 'as-expected',
  reasons: ['Nothing fails, so nothing may overlap.'],
  receipts: [],
  evidence: QUIET,
  timeline: [
    span('client 1', [0, 4, 120, 480]),
    span('client 2', [10, 125, 260, 610]),
    span('client 1', [130, 180]),
    span('client 1', [220, 265, 400, 760]),
  ],
  omittedSpans: 0,
  history: null,
  tookMs: 1_240,
  repeat: 'redlock-bench chaos --experiment F0 --lock redlock --seed 7',
};

/** One experiment of each verdict, and two that broke as they had to. */
export function sampleChaos(changes: Partial<ChaosReport> = {}): ChaosReport {
  const { manifest } = simulateRun({ intervals: 0 });
  return {
    schemaVersion: CHAOS_SCHEMA_VERSION,
    runId: 'chaos-7',
    startedAt: '2026-11-21T09:00:00.000Z',
    status: 'complete',
    lock: { name: 'redlock', version: 'redlock-bench 0.1.0', isUnsafe: false, flaw: null },
    seed: 7,
    environment: manifest.environment,
    server: 'redis 7.0.15',
    experiments: [
      busyExperiment(),
      pauseAfterGrant(),
      crashWithoutPersistence(),
      clockJump(),
      delayedRestart(),
      asymmetricPartition(),
      {
        ...pauseAfterGrant(),
        id: 'F0m',
        name: 'mutant',
        question: 'Do the detectors see a lock that is broken on purpose?',
        lock: 'mutant:no-nx',
        isMutant: true,
        variant: 'redlock',
        expected: ['contract'],
        allowed: [],
        observed: ['contract'],
      },
      {
        ...QUIET_EXPERIMENT,
        id: 'F24',
        name: 'clock-skew-after-failover',
        question: 'Does a replica with another clock end the lock early?',
        variant: 'plain',
        masters: 1,
        expected: ['contract'],
        allowed: [],
        verdict: 'not-run',
        reasons: ['The shim of the clock could not be built: no C compiler (cc, gcc, clang) is on the PATH.'],
        receipts: [
          receipt('clock master=1 by=20s at=100ms', [100, null, null], {
            status: 'not-run',
            proof: 'no C compiler is on the PATH',
          }),
        ],
        timeline: [],
        repeat: 'redlock-bench chaos --experiment F24 --lock set-nx-px --seed 7',
      },
    ],
    exitCode: 3,
    ...changes,
  };
}

/** Eight clients on three keys, 480 acquisitions: more than a timeline draws. */
function busyExperiment(): ExperimentResult {
  const timeline = Array.from({ length: 480 }, (_, index): TimelineSpan => {
    const beginMs = index * 5;
    const holder = `client ${String((index % 12) + 1)}`;
    const keyIndex = index % 3;
    return index % 4 === 0
      ? span(holder, [beginMs, beginMs + 2, beginMs + 12, beginMs + 300], { keyIndex })
      : span(holder, [beginMs, beginMs + 8], { keyIndex });
  });
  return {
    ...QUIET_EXPERIMENT,
    timeline,
    evidence: { ...QUIET, intervals: { ...QUIET.intervals, holds: 120 }, margins: [0, 3, 117], recoveryMs: null },
  };
}

/** The holder sleeps longer than its lease: the resource suffers, the contract holds. */
export function pauseAfterGrant(): ExperimentResult {
  return {
    ...QUIET_EXPERIMENT,
    id: 'F1',
    name: 'pause-after-grant',
    question: 'What happens when a holder stands still for longer than its lock is valid?',
    variant: 'fenced',
    expected: ['belief', 'rejected'],
    allowed: [],
    observed: ['belief', 'rejected'],
    reasons: ['Every lease ends while its holder sleeps; only the fence keeps its late write out.'],
    receipts: [receipt('block client=1 at=100ms for=1500ms', [100, 101, 1_601])],
    evidence: {
      ...QUIET,
      intervals: { holds: 2, contract: 0, grantedExpired: 0, overruns: 1 },
      witness: { entered: 2, overlaps: 1 },
      ledger: { touches: 4, lostUpdates: 1, fencedLostUpdates: 0, rejected: 1, anomalies: [] },
    },
    timeline: [
      span('client 1', [80, 84, 1_640, 570], { overlap: 'overrun', end: 'lost' }),
      span('client 2', [200, 605, 1_900, 2_090], { overlap: 'overrun' }),
    ],
    tookMs: 2_310,
    repeat: 'redlock-bench chaos --experiment F1 --lock redlock --seed 7',
  };
}

/** A lock that should have held, and did not. */
function crashWithoutPersistence(): ExperimentResult {
  return {
    ...QUIET_EXPERIMENT,
    id: 'F8',
    name: 'crash-and-restart',
    question: 'Does the lock outlive a master that crashes with what it never wrote?',
    variant: 'redlock',
    masters: 5,
    expected: [],
    allowed: [],
    observed: ['contract', 'belief', 'corruption'],
    verdict: 'violated',
    reasons: ['Three of five masters had the key; one of them came back without it, so two others were enough.'],
    receipts: [
      receipt('blackhole master=4 at=50ms for=1s', [50, 52, 1_052], { target: 'client 1 to master 4' }),
      receipt('blackhole master=5 at=50ms for=1s', [50, 53, 1_053], { target: 'client 1 to master 5' }),
      receipt('kill master=3 at=300ms for=100ms', [300, 303, 405]),
    ],
    evidence: {
      intervals: { holds: 2, contract: 1, grantedExpired: 0, overruns: 0 },
      witness: { entered: 2, overlaps: 1 },
      ledger: { touches: 4, lostUpdates: 1, fencedLostUpdates: null, rejected: null, anomalies: [] },
      margins: [0, 2, 0, 0],
      recoveryMs: 21,
    },
    timeline: [
      span('client 1', [150, 204, 900, 1_090], { overlap: 'contract' }),
      span('client 2', [210, 262]),
      span('client 2', [290, 352]),
      span('client 2', [380, 426, 1_000, 1_320], { overlap: 'contract' }),
    ],
    tookMs: 1_620,
    repeat:
      'redlock-bench chaos --experiment F8 --lock redlock --variant redlock --masters 5 --persistence none --seed 7',
  };
}

/** A receipt is missing, so nothing can be said. */
function clockJump(): ExperimentResult {
  return {
    ...QUIET_EXPERIMENT,
    id: 'F5',
    name: 'clock-jump',
    question: 'Does a clock that jumps on one master break the lock?',
    expected: ['contract'],
    allowed: [],
    observed: [],
    verdict: 'unknown',
    reasons: ['TIME of master 2 never showed the jump, so its absence of effect says nothing.'],
    receipts: [
      receipt('clock master=2 by=20s at=200ms for=1s', [200, null, null], {
        proof: 'TIME of master 2 was 0.4 ms off after 1.0 s (20 s expected)',
      }),
    ],
    tookMs: 2_020,
    repeat: 'redlock-bench chaos --experiment F5 --lock redlock --seed 7',
  };
}

/** Handed out with a promise that had ended: nobody else overlapped. */
function delayedRestart(): ExperimentResult {
  return {
    ...QUIET_EXPERIMENT,
    id: 'F2',
    name: 'pause-in-flight',
    question: 'Is a lock handed out when its replies came after its promise had ended?',
    variant: 'delayed-restart',
    expected: [],
    allowed: [],
    observed: ['granted-expired', 'liveness'],
    verdict: 'differs',
    reasons: ['redlock@5 never compares the end of its validity with the clock.'],
    receipts: [receipt('block client=1 at=10ms for=900ms', [10, 11, 912])],
    evidence: { ...QUIET, intervals: { holds: 2, contract: 0, grantedExpired: 1, overruns: 0 }, margins: [] },
    timeline: [
      span('client 1', [5, 912, 930, 306], { end: 'released' }),
      span('client 2', [100, 325, 880, 1_180], { end: 'released' }),
    ],
    tookMs: 1_410,
    repeat: 'redlock-bench chaos --experiment F2 --lock npm:redlock@5 --seed 7',
  };
}

/** Seven faults at once, of every family. */
function asymmetricPartition(): ExperimentResult {
  return {
    ...QUIET_EXPERIMENT,
    id: 'F13',
    name: 'partition-of-a-minority-of-the-masters',
    question: 'Does the lock go on without a minority?',
    variant: 'plain',
    masters: 1,
    expected: ['contract', 'granted-expired', 'corruption', 'belief', 'rejected', 'liveness'],
    allowed: [],
    observed: ['contract', 'granted-expired', 'corruption', 'belief', 'rejected', 'liveness'],
    receipts: crowdedFaults(0.1),
    timeline: [
      span('client 1', [0, 4, 900, 980], { overlap: 'contract' }),
      span('client 2', [50, 500, 1_400, 1_300], { overlap: 'contract' }),
      span('client 1', [1_000, 1_200, 2_200, 1_250], { overlap: 'overrun', end: 'still held' }),
      span('client 3', [600, 2_800], { status: 'indeterminate' }),
      span('client 4', [2_000, 2_900], { status: 'unfinished' }),
    ],
    tookMs: 3_000,
    repeat: 'redlock-bench chaos --experiment F13 --lock set-nx-px --seed 7',
  };
}

/** Overlapping faults of every family over thirty seconds, shortened by a factor. */
export function crowdedFaults(factor = 1): FaultReceipt[] {
  const at = (
    appliedMs: number,
    effectMs: number | null,
    healedMs: number | null,
  ): [number, number | null, number | null] => [
    appliedMs * factor,
    effectMs === null ? null : effectMs * factor,
    healedMs === null ? null : healedMs * factor,
  ];
  return [
    receipt('kill master=2 at=5s for=3s', at(5_000, 5_010, 8_420)),
    receipt('pause master=3 at=6s for=4s', at(6_000, 6_004, 10_003)),
    receipt('latency master=1 client=2 delay=50ms jitter=10ms at=6500ms for=6s', at(6_500, 6_600, 12_500), {
      target: 'client 2 to master 1',
    }),
    receipt('flush master=1 at=15s', at(15_000, 15_001, null)),
    receipt('clock master=2 by=20s at=18s for=2s', at(18_000, null, null), {
      proof: 'TIME of master 2 never showed the jump',
    }),
    receipt('blackhole master=3 at=24s for=4s', at(24_000, 24_300, null)),
    receipt('evict master=1 at=27500ms for=2s', at(27_500, 27_900, 29_600)),
  ];
}
