/**
 * Which acquisitions a timeline draws, and where two of them held one key at once.
 *
 * @module
 */
import type { TimelineSpan } from '../model/chaos.js';
import type { Ns } from '../model/time.js';

/** More spans than this cannot be told apart. */
export const MOST_SPANS = 200;
/** More rows than this do not fit a screen. */
export const MOST_ROWS = 24;

/** One line of a timeline: what one client did with one key. */
export interface HolderRow {
  readonly holder: string;
  readonly keyIndex: number;
  readonly spans: readonly TimelineSpan[];
}

/** Two spans of one key that held it at once. */
export interface HeldTwice {
  readonly kind: 'contract' | 'overrun';
  readonly keyIndex: number;
  readonly first: TimelineSpan;
  readonly second: TimelineSpan;
  readonly fromNs: Ns;
  readonly toNs: Ns;
}

/** The rows, by key and then by client as they first appear; and how many spans and rows were left out. */
export function holderRows(timeline: readonly TimelineSpan[]): {
  rows: HolderRow[];
  leftOutSpans: number;
  leftOutRows: number;
} {
  const rows = new Map<string, { holder: string; keyIndex: number; spans: TimelineSpan[] }>();
  for (const span of thin(timeline)) {
    const name = rowName(span);
    const row = rows.get(name) ?? { holder: span.holder, keyIndex: span.keyIndex, spans: [] };
    row.spans.push(span);
    rows.set(name, row);
  }
  // Rows with something to see stay; the sort is stable, so the others stay in the order of their first span.
  const kept = [...rows.values()]
    .sort((a, b) => Number(b.spans.some(isTelling)) - Number(a.spans.some(isTelling)))
    .slice(0, MOST_ROWS)
    .sort((a, b) => a.keyIndex - b.keyIndex || compareNames(a.holder, b.holder));
  const drawn = kept.reduce((sum, row) => sum + row.spans.length, 0);
  const all = new Set(timeline.map(rowName)).size;
  return { rows: kept, leftOutSpans: timeline.length - drawn, leftOutRows: all - kept.length };
}

/**
 * Where spans held one key at once: of a span that overlaps by contract, what lies within both promises; of one that only
 * outlived its promise, all of it.
 */
export function heldTwice(spans: readonly TimelineSpan[]): HeldTwice[] {
  const holds = spans.filter(({ overlap, heldUntilNs }) => overlap !== 'none' && heldUntilNs !== null);
  return holds.flatMap((first) =>
    holds.flatMap((second): HeldTwice[] => {
      const isLater =
        second.returnedNs > first.returnedNs ||
        (second.returnedNs === first.returnedNs && second.holder > first.holder);
      if (!isLater || first.keyIndex !== second.keyIndex) return [];
      const promised = overlapUntil(second, promiseEnd(first), promiseEnd(second));
      if (promised !== undefined && [first, second].every(({ overlap }) => overlap === 'contract')) {
        return [{ kind: 'contract', keyIndex: first.keyIndex, first, second, ...promised }];
      }
      const held = overlapUntil(second, first.heldUntilNs ?? 0, second.heldUntilNs ?? 0);
      return held === undefined ? [] : [{ kind: 'overrun', keyIndex: first.keyIndex, first, second, ...held }];
    }),
  );
}

/** Whether a lock was handed out whose promise had already ended. */
export function isGrantedExpired({ status, returnedNs, validUntilNs }: TimelineSpan): boolean {
  return status === 'acquired' && validUntilNs !== null && validUntilNs <= returnedNs;
}

/** Up to when a hold was covered by its promise. */
export function promiseEnd({ heldUntilNs, validUntilNs }: TimelineSpan): Ns {
  return Math.min(heldUntilNs ?? 0, validUntilNs ?? Infinity);
}

function overlapUntil(second: TimelineSpan, endOfFirst: Ns, endOfSecond: Ns): { fromNs: Ns; toNs: Ns } | undefined {
  const toNs = Math.min(endOfFirst, endOfSecond);
  return toNs > second.returnedNs ? { fromNs: second.returnedNs, toNs } : undefined;
}

function rowName({ keyIndex, holder }: TimelineSpan): string {
  return `${String(keyIndex)} ${holder}`;
}

/** Keeps what tells something, then acquisitions, then refusals; each evenly over time. */
function thin(timeline: readonly TimelineSpan[]): readonly TimelineSpan[] {
  if (timeline.length <= MOST_SPANS) return timeline;
  const groups = [isTelling, isHold, isRefusal].map((test) => timeline.filter(test));
  const kept = new Set<TimelineSpan>();
  for (const group of groups) {
    for (const span of evenly(group, MOST_SPANS - kept.size)) kept.add(span);
  }
  return timeline.filter((span) => kept.has(span));
}

function isTelling(span: TimelineSpan): boolean {
  return span.overlap !== 'none' || isGrantedExpired(span);
}

function isHold(span: TimelineSpan): boolean {
  return span.status === 'acquired' && !isTelling(span);
}

function isRefusal(span: TimelineSpan): boolean {
  return span.status !== 'acquired' && !isTelling(span);
}

function evenly(spans: readonly TimelineSpan[], most: number): readonly TimelineSpan[] {
  if (spans.length <= most) return spans;
  return Array.from({ length: most }, (_, index) => spans[Math.floor((index * spans.length) / most)]).filter(
    (span) => span !== undefined,
  );
}

/** `client 10` after `client 9`. */
function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
