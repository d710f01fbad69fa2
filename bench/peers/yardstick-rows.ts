/**
 * N=1: how much of what one pipelined connection can do reaches the caller of the `wire` transport.
 *
 * @module
 */
import { interleave, openMasters, urlsOf, type Bench } from './bench.js';
import type { PairsReport } from './client-task.js';
import { runClient } from './client.js';
import { watchPair } from './commands-seen.js';
import { contenderNamed, OURS_WIRE } from './contenders.js';
import { pairsPerSecond, pairTimes, TTL_MS } from './pairs-rows.js';
import { formatCount, isMet, medianOver, noteFailures, type RowGroup } from './row-group.js';
import { medianOf } from './statistics.js';
import { findBenchmark, measureCommands, type CommandRates } from './yardstick.js';

const IN_FLIGHT = 64;
const LEAST_SHARE = 0.65;
/**
 * Short runs, and the median of some: a master with a million keys is a quarter slower than one with few, as ours has
 * while it is measured, and that must not flatter us.
 */
const EFFORT = { calls: 20_000, keysPerRelease: 10 };
const REPEATS = 5;
const QUICK_EFFORT = { calls: 2_000, keysPerRelease: 10 };
const KEYS = 'redlock-bench:peers-';

interface Round extends CommandRates {
  readonly pairs: PairsReport;
}

/** @returns a reason when there is no redis-benchmark */
export async function measureYardstick(bench: Bench): Promise<RowGroup | string> {
  const benchmark = await findBenchmark(bench.signal);
  if (benchmark === undefined) return 'needs redis-benchmark on PATH; Debian has it in redis-tools';
  await using topology = await openMasters(1, bench);
  const [master] = topology.masters;
  const [url] = urlsOf(topology);
  if (master === undefined || url === undefined) throw new Error('expected a master, got none');
  const task = { kind: 'pairs', contender: OURS_WIRE, urls: [url], ttlMs: TTL_MS, pauseMs: 0 } as const;
  const aMoment = { inFlight: 1, warmupMs: 20, measureMs: 20 };
  const pair = await watchPair(url, KEYS, () => runClient({ ...task, ...aMoment }, bench));
  const effort = bench.isQuick ? QUICK_EFFORT : EFFORT;
  const field = await interleave(bench, {
    label: 'against redis-benchmark',
    contenders: [contenderNamed(OURS_WIRE)],
    rounds: bench.rounds,
    measure: async (): Promise<Round> => {
      const rates: CommandRates[] = [];
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        rates.push(await measureCommands(benchmark, master.endpoint, pair, effort, bench.signal));
      }
      const pairs = await runClient({ ...task, ...pairTimes(bench), inFlight: IN_FLIGHT }, bench);
      return {
        acquiresPerSecond: medianOf(rates.map((one) => one.acquiresPerSecond)),
        releasesPerSecond: medianOf(rates.map((one) => one.releasesPerSecond)),
        pairs,
      };
    },
  });
  const [one] = field;
  const median = (read: (round: Round) => number): number => (one === undefined ? NaN : medianOver(one, read));
  const ours = median((round) => pairsPerSecond(round.pairs));
  const share = median((round) => pairsPerSecond(round.pairs) / pairsByBenchmark(round));
  const target = { relation: '>=', value: LEAST_SHARE, unit: 'x' } as const;
  return {
    title: `N=1, ${String(IN_FLIGHT)} in flight, wire, against ${benchmark} -c 1 -P 64`,
    columns: ['', 'per second'],
    lines: [
      [`${benchmark}: ${nameOf(pair.acquire)}, fresh keys`, formatCount(median((round) => round.acquiresPerSecond))],
      [`${benchmark}: ${nameOf(pair.release)}, held keys`, formatCount(median((round) => round.releasesPerSecond))],
      ['1 / (1/acquire + 1/release)', formatCount(median(pairsByBenchmark))],
      [`${OURS_WIRE}: pairs`, formatCount(ours)],
    ],
    notes: [
      'the two commands that the client sends, read with MONITOR; each SET takes a fresh key, 95 % of releases find theirs',
      ...noteFailures(field),
    ],
    verdicts: [
      {
        measured: 'N=1, 64 in flight, wire: pairs/s',
        ours: formatCount(ours),
        against: `${formatCount(median(pairsByBenchmark))} ${benchmark}`,
        figure: share,
        target,
        isMet: isMet(share, target),
      },
    ],
    measured: { commands: pair, field },
  };
}

const pairsByBenchmark = ({ acquiresPerSecond, releasesPerSecond }: CommandRates): number =>
  1 / (1 / acquiresPerSecond + 1 / releasesPerSecond);

const nameOf = (args: readonly string[]): string => (args[0] ?? '').toUpperCase();
