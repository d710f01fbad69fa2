/**
 * Checks a stored history in memory that does not grow with it.
 *
 * @module
 */
import path from 'node:path';
import { HistoryJudge, type HistoryLosses, type HistoryReport } from './history-judgement.js';
import { openSegments, type SegmentEnd, type StoredSegment } from './stored-history.js';

/** A history that was read as far as it is readable. `concludeHistory` says what it means. */
export interface CheckedHistory {
  readonly report: HistoryReport;
  readonly losses: HistoryLosses;
  /** One sentence for each segment that is not whole. */
  readonly problems: readonly string[];
}

/**
 * Reads the segments of a folder side by side, always on from the one that is farthest behind, so that few holds wait for
 * another segment's.
 *
 * @param workers how many segments there must be
 */
export async function checkHistory(folder: string, workers: number): Promise<CheckedHistory> {
  await using stored = await openSegments(folder);
  const { segments } = stored;
  const headers = segments.flatMap(({ header }) => header ?? []);
  const judge = new HistoryJudge({
    sources: segments.length,
    keys: headers.reduce((most, { keys }) => Math.max(most, keys), 0),
    epochNs: headers[0]?.epochNs ?? 0,
    mostHolds: segments.reduce((sum, { mostOperations }) => sum + mostOperations, 0),
  });
  for (;;) {
    const source = findLast(segments);
    const segment = segments[source];
    if (segment === undefined || segment.watermarkNs === Infinity) break;
    const ttlMs = segment.header?.ttlMs;
    await segment.readOn((operation) => {
      judge.add(source, operation, ttlMs);
    });
    judge.advance(source, segment.watermarkNs);
  }
  const ends = segments.map(({ end }) => end);
  const count = (...wanted: SegmentEnd[]): number =>
    ends.filter((end) => end !== undefined && wanted.includes(end)).length;
  const missing = Math.max(0, workers - segments.length);
  return {
    report: judge.report(),
    losses: { unclosed: count('cut', 'torn'), unreadable: count('damaged') + missing },
    problems: [
      ...stored.problems.map((problem) => `history: ${problem}`),
      ...segments.flatMap(describeEnd),
      ...(missing > 0
        ? [`history: expected ${String(workers)} segments that can be read, got ${String(segments.length)}`]
        : []),
    ],
  };
}

/** The segment that is farthest behind. */
function findLast(segments: readonly StoredSegment[]): number {
  let last = 0;
  segments.forEach(({ watermarkNs }, source) => {
    if (watermarkNs < (segments[last]?.watermarkNs ?? 0)) last = source;
  });
  return last;
}

function describeEnd({ file, end }: StoredSegment): string[] {
  const name = path.basename(file);
  if (end === 'torn') return [`history: ${name} ends within a record, as it does when its worker is killed`];
  return end === 'damaged' ? [`history: ${name} is damaged; what comes after that could not be read`] : [];
}
