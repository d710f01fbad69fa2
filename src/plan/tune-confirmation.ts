/**
 * The recommendation in runs of its own, held against those that it came from.
 *
 * @module
 */
import { formatShare } from '../model/figure-text.js';
import { formatNs, type Ns } from '../model/time.js';
import type { Confirmation, CountedShare, TunePoint } from '../model/tuning.js';
import { hasP99, isBroken } from './tune-point.js';

/** What a percentile of the same settings may differ by from one hour to the next. */
const SAME = 0.25;

/** What was recommended, stage by stage, and what its settings gave when they were run again. */
export interface RunAgain {
  /** Single attempts with the recommended timeout, in the sweep and again. */
  readonly swept: TunePoint;
  readonly again: TunePoint;
  /** The recommended ttl in its sweep; undefined when none is recommended. */
  readonly sweptTtl: TunePoint | undefined;
  /** The wait on one contended key, in its sweep and again; undefined when it was not run. */
  readonly sweptContended: TunePoint | undefined;
  readonly againContended: TunePoint | undefined;
  readonly targetSuccess: number;
}

/**
 * Whether later runs agree with the sweep: nobody broke exclusion, the intervals of the success overlap, a target that was
 * reached is not missed now, the p99 response is the same within a quarter (where there are records enough to state it), and
 * no more holds outlive a recommended ttl. The contended load is told beside it, and decides only when the lock
 * breaks: its tail scatters more than that by itself.
 */
export function confirm(given: RunAgain): Confirmation {
  const { swept, again, sweptTtl, againContended, targetSuccess } = given;
  const base = { point: again, contended: againContended ?? null };
  if (isBroken(again) || (againContended !== undefined && isBroken(againContended))) {
    return {
      ...base,
      isConfirmed: false,
      sentences: [
        'The recommendation is withdrawn: run again with another seed, the lock broke mutual exclusion with these settings.',
      ],
    };
  }
  if (again.leftOut !== null) {
    return {
      ...base,
      isConfirmed: false,
      sentences: [
        `The per-node timeout is not confirmed: its own runs do not count (${again.leftOut}).`,
        ...sayContended(given),
      ],
    };
  }
  const findings = [
    compareSuccess(swept.success, again.success, targetSuccess),
    compareP99(swept, again),
    ...compareOutlived(sweptTtl, again),
  ];
  const isConfirmed = findings.every(({ agrees }) => agrees);
  const what = sweptTtl === undefined ? 'The per-node timeout' : 'The per-node timeout with its ttl';
  const told = findings.map(({ text }) => text).join('; ');
  const isOpen = again.success.low < targetSuccess && again.success.high >= targetSuccess;
  return {
    ...base,
    isConfirmed,
    sentences: [
      `${what} is ${isConfirmed ? '' : 'not '}confirmed by runs of its own with another seed: ${told}.`,
      ...(isOpen
        ? [
            `Not from these runs alone: whether it reaches the ${String(Number((targetSuccess * 100).toFixed(3)))} % that were asked lies within their interval (${formatShare(again.success.low)} to ${formatShare(again.success.high)}).`,
          ]
        : []),
      ...(isConfirmed ? [] : ['More --rounds or a longer --duration would say which of the two was chance.']),
      ...sayContended(given),
    ],
  };
}

interface Finding {
  readonly agrees: boolean;
  readonly text: string;
}

function compareSuccess(swept: CountedShare, again: CountedShare, targetSuccess: number): Finding {
  const overlap = again.low <= swept.high && swept.low <= again.high;
  const isMissed = swept.share >= targetSuccess && again.high < targetSuccess;
  const doubt = isMissed ? ', which misses what was asked' : overlap ? '' : ', which differs beyond the intervals';
  return {
    agrees: overlap && !isMissed,
    text: `success ${formatShare(again.share)} after ${formatShare(swept.share)}${doubt}`,
  };
}

function compareP99(swept: TunePoint, again: TunePoint): Finding {
  if (!hasP99(swept) || !hasP99(again)) {
    return { agrees: true, text: 'of the p99 nothing can be said, because fewer than 100 were granted' };
  }
  const agrees = isSame(again.p99Ns, swept.p99Ns);
  const doubt = agrees ? '' : ', which differs by more than a quarter';
  return { agrees, text: `p99 ${formatNs(again.p99Ns)} after ${formatNs(swept.p99Ns)}${doubt}` };
}

function compareOutlived(swept: TunePoint | undefined, again: TunePoint): Finding[] {
  const before = swept?.outlived ?? null;
  if (before === null || again.outlived === null) return [];
  const agrees = again.outlived.low <= before.high;
  const doubt = agrees ? '' : ', which is more beyond the intervals';
  const text = `${formatShare(again.outlived.share)} of the holds outlived the ttl after ${formatShare(before.share)}${doubt}`;
  return [{ agrees, text }];
}

function sayContended({ sweptContended, againContended }: RunAgain): string[] {
  if (sweptContended === undefined) {
    return ['The wait before a retry is not confirmed: the sweep had nothing to hold it against.'];
  }
  if (againContended === undefined) return ['The wait before a retry was not run again: the tuning ended before.'];
  if (againContended.leftOut !== null) {
    return [`The wait before a retry is not confirmed: its own runs do not count (${againContended.leftOut}).`];
  }
  if (!hasP99(sweptContended) || !hasP99(againContended)) {
    return ['The wait before a retry is not confirmed: fewer than 100 grants say nothing of its p99.'];
  }
  const differs = isSame(againContended.p99Ns, sweptContended.p99Ns) ? '' : ', which differs by more than a quarter';
  return [
    `On one contended key the p99 with this wait is ${formatNs(againContended.p99Ns)} after ${formatNs(sweptContended.p99Ns)}${differs}.`,
  ];
}

function isSame(ns: Ns, otherNs: Ns): boolean {
  return Math.max(ns, otherNs) <= Math.min(ns, otherNs) * (1 + SAME);
}
