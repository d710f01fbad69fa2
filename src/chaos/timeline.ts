/**
 * The timeline of an experiment: who acquired, held and overlapped when, as far as a chart can show it.
 *
 * @module
 */
import type { JudgedOperations } from '../check/judge-operations.js';
import type { ExperimentResult, TimelineSpan } from '../model/chaos.js';
import type { Operation } from '../model/operation.js';
import { msToNs, type Ns } from '../model/time.js';

/** Acquisitions that a timeline keeps: the last ones, where the faults are. */
const MOST_SPANS = 200;
/** Of a lock that excludes nobody every one overlaps. */
const MOST_OVERLAPPING = 1_000;

interface TimelineFrame {
  /** Of the contenders, in their order. */
  readonly names: readonly string[];
  readonly epochNs: Ns;
  /** What a lock promised that states no validity. */
  readonly ttlMs: number;
}

/** Every acquisition that overlaps another, and the last ones of the others. */
export function describeTimeline(
  operations: readonly Operation[],
  { overlapOf }: JudgedOperations,
  frame: TimelineFrame,
): Pick<ExperimentResult, 'timeline' | 'omittedSpans'> {
  const spans = operations
    .map((operation, index) => describeSpan(operation, overlapOf[index] ?? 'none', frame))
    .sort((a, b) => a.invokedNs - b.invokedNs);
  const overlapping = spans.filter(({ overlap }) => overlap !== 'none').length;
  let room = Math.max(0, MOST_SPANS - overlapping);
  const kept = spans.toReversed().filter(({ overlap }) => overlap !== 'none' || room-- > 0);
  return { timeline: kept.toReversed().slice(-MOST_OVERLAPPING), omittedSpans: spans.length - kept.length };
}

function describeSpan(
  operation: Operation,
  overlap: TimelineSpan['overlap'],
  { names, epochNs, ttlMs }: TimelineFrame,
): TimelineSpan {
  const isHeld = operation.status === 'acquired';
  const heldUntilNs = operation.leftNs ?? operation.releaseInvokedNs;
  const validUntilNs = operation.validUntilNs ?? operation.invokedNs + msToNs(ttlMs);
  return {
    holder: names[operation.worker] ?? `c${String(operation.worker + 1)}`,
    keyIndex: operation.keyIndex,
    status: operation.status,
    invokedNs: operation.invokedNs - epochNs,
    returnedNs: operation.returnedNs - epochNs,
    heldUntilNs: isHeld && heldUntilNs !== undefined ? heldUntilNs - epochNs : null,
    validUntilNs: isHeld && validUntilNs !== Infinity ? validUntilNs - epochNs : null,
    overlap,
    end: isHeld ? (operation.releaseStatus ?? 'never released') : operation.status,
  };
}
