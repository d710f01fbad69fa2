/**
 * One key that 16 contenders want: who waits how long, how often it changes hands, and how fairly.
 *
 * @module
 */
import { formatNs, nsToS } from '../../src/model/time.js';
import { interleave, openMasters, urlsOf, type Bench, type Measured } from './bench.js';
import type { ContendedReport } from './client-task.js';
import { runClient } from './client.js';
import type { Contender } from './contender.js';
import { FIELD, OURS_IOREDIS, OURS_WIRE, POLLING } from './contenders.js';
import {
  formatCount,
  judgeFigure,
  judgeMatch,
  medianOver,
  noteFailures,
  type RowGroup,
  type Verdict,
} from './row-group.js';
import { jainIndex } from './statistics.js';

const THREADS = 4;
const CONTENDERS_PER_THREAD = 4;
const HOLD_MS = 1;
const TTL_MS = 10_000;
/** A round takes long, because starvation does. */
const MOST_ROUNDS = 3;
const MEASURE_MS = 5_000;
const QUICK_MEASURE_MS = 300;
const LONGEST_WAIT_SHARE = 0.1;
const LEAST_JAIN = 0.95;

export async function measureContended(bench: Bench, masters: number, leastRate: number): Promise<RowGroup> {
  await using topology = await openMasters(masters, bench);
  const urls = urlsOf(topology);
  const label = `contended, N=${String(masters)}`;
  const measure = ({ name }: Contender): Promise<ContendedReport> =>
    runClient(
      {
        kind: 'contended',
        contender: name,
        urls,
        threads: THREADS,
        contendersPerThread: CONTENDERS_PER_THREAD,
        holdMs: HOLD_MS,
        ttlMs: TTL_MS,
        measureMs: bench.isQuick ? QUICK_MEASURE_MS : MEASURE_MS,
      },
      bench,
    );
  const rounds = Math.min(bench.rounds, MOST_ROUNDS);
  const field = await interleave(bench, { label, contenders: FIELD, rounds, measure });
  const polling = await interleave(bench, { label, contenders: POLLING, rounds: 1, measure });
  return {
    title: `N=${String(masters)}, 16 contenders over four worker threads, one key, hold 1 ms, back at once`,
    columns: ['contender', 'longest wait', 'acquisitions/s', 'Jain', 'least', 'most', 'gave up', 'overlaps'],
    lines: [...field, ...polling].map(describe),
    notes: [
      'waits count from wanting to having, retries of the caller and unfinished waits included',
      '`poll` is for information, one round only',
      ...noteFailures([...field, ...polling]),
    ],
    verdicts: [
      ...judge(field, masters, 'ioredis', OURS_IOREDIS, leastRate),
      ...judge(field, masters, 'wire', OURS_WIRE, leastRate),
    ],
    measured: [...field, ...polling],
  };
}

function judge(
  field: readonly Measured<ContendedReport>[],
  masters: number,
  transport: string,
  ours: string,
  leastRate: number,
): Verdict[] {
  const own = field.find(({ name }) => name === ours)?.reports ?? [];
  const overlaps = own.reduce((sum, report) => sum + (report?.overlaps ?? 0), 0);
  const fairness = field.filter(({ name }) => name === ours).map((one) => medianOver(one, jainOf))[0] ?? NaN;
  return [
    judgeMatch({
      measured: `16 on a key, N=${String(masters)}, ${transport}: longest wait`,
      field,
      ours,
      read: longestWaitNs,
      better: 'lower',
      format: formatNs,
      target: { relation: '<=', value: LONGEST_WAIT_SHARE, unit: 'x' },
    }),
    judgeMatch({
      measured: 'same: acquisitions/s',
      field,
      ours,
      read: grantsPerSecond,
      better: 'higher',
      format: formatCount,
      target: { relation: '>=', value: leastRate, unit: 'x' },
    }),
    judgeFigure('same: Jain index', fairness.toFixed(3), fairness, { relation: '>=', value: LEAST_JAIN }),
    judgeFigure('same: overlapping holds', formatCount(overlaps), overlaps, { relation: '<=', value: 0 }),
  ];
}

const longestWaitNs = ({ tallies }: ContendedReport): number =>
  Math.max(...tallies.map((tally) => tally.longestWaitNs));
const grantsOf = ({ tallies }: ContendedReport): number[] => tallies.map(({ grants }) => grants);
const jainOf = (report: ContendedReport): number => jainIndex(grantsOf(report));
const grantsPerSecond = (report: ContendedReport): number =>
  grantsOf(report).reduce((sum, grants) => sum + grants, 0) / nsToS(report.wallNs);

function describe(one: Measured<ContendedReport>): string[] {
  const reports = one.reports.filter((report) => report !== undefined);
  const failures = reports.flatMap(({ tallies }) => tallies.map((tally) => tally.failures));
  return [
    one.name,
    formatNs(medianOver(one, longestWaitNs)),
    formatCount(medianOver(one, grantsPerSecond)),
    medianOver(one, jainOf).toFixed(3),
    formatCount(medianOver(one, (report) => Math.min(...grantsOf(report)))),
    formatCount(medianOver(one, (report) => Math.max(...grantsOf(report)))),
    String(failures.reduce((sum, each) => sum + each, 0)),
    String(reports.reduce((sum, { overlaps }) => sum + overlaps, 0)),
  ];
}
