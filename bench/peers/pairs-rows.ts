/**
 * N=5, uncontended: throughput and CPU with 64 in flight, latency with one.
 *
 * @module
 */
import { formatNs, nsToS } from '../../src/model/time.js';
import type { Topology } from '../../src/servers/topology.js';
import { interleave, openMasters, urlsOf, type Bench, type Measured } from './bench.js';
import type { PairsReport } from './client-task.js';
import { runClient } from './client.js';
import { FIELD, OURS_IOREDIS, OURS_WIRE } from './contenders.js';
import { formatCount, judgeMatch, medianOver, noteFailures, type RowGroup } from './row-group.js';

const MASTERS = 5;
const IN_FLIGHT = 64;
export const TTL_MS = 10_000;

/** How long a client process runs before and while it is measured. */
export function pairTimes({ isQuick }: Bench): { readonly warmupMs: number; readonly measureMs: number } {
  return isQuick ? { warmupMs: 50, measureMs: 200 } : { warmupMs: 500, measureMs: 1_300 };
}

interface CountedPairs extends PairsReport {
  /** SET commands that the masters ran, in scripts or not, divided by their number: what their clients were granted. */
  readonly countedByMasters: number;
}

export async function measurePairs(bench: Bench): Promise<RowGroup> {
  const field = await measureField(bench, 'pairs', IN_FLIGHT);
  const against = { field, read: pairsPerSecond, better: 'higher', format: formatCount } as const;
  const cpu = { field, read: cpuNsPerPair, better: 'lower', format: formatNs } as const;
  const atLeast = (value: number) => ({ relation: '>=', value, unit: 'x' }) as const;
  const atMost = (value: number) => ({ relation: '<=', value, unit: 'x' }) as const;
  return {
    title: `N=${String(MASTERS)}, ${String(IN_FLIGHT)} in flight, unique keys, acquire and release, one thread`,
    columns: ['contender', 'pairs/s', 'CPU/pair', 'acquire p50', 'p99', 'failures', 'counted by masters'],
    lines: field.map((one) => [
      one.name,
      formatCount(medianOver(one, pairsPerSecond)),
      formatNs(medianOver(one, cpuNsPerPair)),
      ...latencies(one),
    ]),
    notes: noteFailures(field),
    verdicts: [
      judgeMatch({ ...against, measured: 'N=5, 64 in flight, wire: pairs/s', ours: OURS_WIRE, target: atLeast(6) }),
      judgeMatch({ ...cpu, measured: 'same: CPU per pair', ours: OURS_WIRE, target: atMost(0.1) }),
      judgeMatch({
        ...against,
        measured: 'N=5, 64 in flight, ioredis: pairs/s',
        ours: OURS_IOREDIS,
        target: atLeast(2),
      }),
      judgeMatch({ ...cpu, measured: 'same: CPU per pair', ours: OURS_IOREDIS, target: atMost(0.5) }),
    ],
    measured: field,
  };
}

export async function measureLatency(bench: Bench): Promise<RowGroup> {
  const field = await measureField(bench, 'latency', 1);
  const match = {
    field,
    read: (report: PairsReport) => report.acquireP50Ns,
    better: 'lower',
    format: formatNs,
  } as const;
  const judge = (transport: string, ours: string, value: number) =>
    judgeMatch({
      ...match,
      measured: `N=5, 1 in flight, ${transport}: acquire p50`,
      ours,
      target: { relation: '<=', value, unit: 'x' },
    });
  return {
    title: `N=${String(MASTERS)}, 1 in flight, unique keys, acquire and release`,
    columns: ['contender', 'acquire p50', 'p99', 'failures', 'counted by masters'],
    lines: field.map((one) => [one.name, ...latencies(one)]),
    notes: noteFailures(field),
    verdicts: [judge('ioredis', OURS_IOREDIS, 1), judge('wire', OURS_WIRE, 0.7)],
    measured: field,
  };
}

async function measureField(bench: Bench, label: string, inFlight: number): Promise<Measured<CountedPairs>[]> {
  await using topology = await openMasters(MASTERS, bench);
  const urls = urlsOf(topology);
  return await interleave(bench, {
    label,
    contenders: FIELD,
    rounds: bench.rounds,
    measure: async ({ name }): Promise<CountedPairs> => {
      const before = await countSets(topology);
      const task = { kind: 'pairs', contender: name, urls, inFlight, ttlMs: TTL_MS, pauseMs: 0 } as const;
      const report = await runClient({ ...task, ...pairTimes(bench) }, bench);
      return { ...report, countedByMasters: ((await countSets(topology)) - before) / topology.masters.length };
    },
  });
}

/** A script's SETs are counted, too. */
async function countSets({ masters }: Topology): Promise<number> {
  const samples = await Promise.all(masters.map((master) => master.sample()));
  return samples.reduce((sum, sample) => sum + (sample === undefined ? NaN : (sample.commands['set'] ?? 0)), 0);
}

export const pairsPerSecond = ({ pairs, wallNs }: PairsReport): number => pairs / nsToS(wallNs);
const cpuNsPerPair = ({ pairs, cpuNs }: PairsReport): number => cpuNs / pairs;

function latencies(one: Measured<CountedPairs>): string[] {
  const reports = one.reports.filter((report) => report !== undefined);
  const sum = (read: (report: CountedPairs) => number): number =>
    reports.reduce((total, each) => total + read(each), 0);
  const counted = sum((report) => report.countedByMasters) / sum((report) => report.granted);
  return [
    formatNs(medianOver(one, (report) => report.acquireP50Ns)),
    formatNs(medianOver(one, (report) => report.acquireP99Ns)),
    String(sum((report) => report.failures)),
    `${(100 * counted).toFixed(1)} %`,
  ];
}
