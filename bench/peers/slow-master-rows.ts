/**
 * The tail of acquire when one of five masters is slow or hangs, against five healthy ones; all behind equal proxies.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeEndpoint, type Endpoint } from '../../src/model/endpoint.js';
import { formatNs, msToNs, systemClock, type Ns } from '../../src/model/time.js';
import { AdminConnection } from '../../src/servers/admin-connection.js';
import type { Master, Topology } from '../../src/servers/topology.js';
import { interleave, openMasters, type Bench, type Measured } from './bench.js';
import type { PairsReport } from './client-task.js';
import { ClientFailedError, runClient } from './client.js';
import type { Contender } from './contender.js';
import { contenderNamed, OURS_IOREDIS, OURS_WIRE } from './contenders.js';
import { openLines, type Lines } from './lines.js';
import { pairsPerSecond, pairTimes, TTL_MS } from './pairs-rows.js';
import { formatCount, isMet, medianOver, noteFailures, type RowGroup, type Verdict } from './row-group.js';
import { medianOf } from './statistics.js';

const MASTERS = 5;
const IN_FLIGHT = 8;
/** Far from saturation, where a queue would hide what one master does; still thousands of samples a round. */
const PAUSE_MS = 3;
const SLOW_MS = 20;
/** A timer may fire up to a millisecond early, there and back. */
const TIMER_SLACK_MS = 2;
const MOST_RATIO = 1.3;
/** A master that has not answered a PING for so long hangs. */
const HANG_MS = 100;
const PINGS = 3;

type Condition = 'healthy' | 'slow' | 'hung';
const CONDITIONS: readonly Condition[] = ['healthy', 'slow', 'hung'];

interface ConditionReport extends PairsReport {
  /** Of the PING that a direct connection through the last master's line measured before; Infinity: no answer. */
  readonly pingNs: Ns;
}

type Round = Readonly<Record<Condition, ConditionReport>>;

export async function measureSlowMaster(bench: Bench): Promise<RowGroup> {
  await using house = await Lined.open(bench);
  const field = await interleave(bench, {
    label: 'one of five slow, or hung',
    contenders: [OURS_IOREDIS, OURS_WIRE].map(contenderNamed),
    rounds: bench.rounds,
    measure: async (contender): Promise<Round> => ({
      healthy: await house.measure(contender, 'healthy'),
      slow: await house.measure(contender, 'slow'),
      hung: await house.measure(contender, 'hung'),
    }),
  });
  return {
    title: `N=${String(MASTERS)} behind proxies, ${String(IN_FLIGHT)} in flight, pauses of ${String(PAUSE_MS)} ms: one master ${String(SLOW_MS)} ms slow, or hung`,
    columns: ['contender', 'condition', 'acquire p50', 'p99', 'pairs/s', 'failures', 'PING there'],
    lines: field.flatMap((one) => CONDITIONS.map((condition) => describe(one, condition))),
    notes: noteFailures(field),
    verdicts: field.flatMap((one) => [judge(one, 'slow'), judge(one, 'hung')]),
    measured: field,
  };
}

/** Five masters behind two sets of lines, alike but for that of the last master, which is long in one of them. */
class Lined implements AsyncDisposable {
  readonly #bench: Bench;
  readonly #topology: Topology;
  readonly #equal: Lines;
  readonly #withSlow: Lines;

  private constructor(bench: Bench, topology: Topology, [equal, withSlow]: readonly [Lines, Lines]) {
    this.#bench = bench;
    this.#topology = topology;
    this.#equal = equal;
    this.#withSlow = withSlow;
  }

  static async open(bench: Bench): Promise<Lined> {
    const topology = await openMasters(MASTERS, bench);
    const opened: AsyncDisposable[] = [topology];
    try {
      const endpoints = topology.masters.map(({ endpoint }) => endpoint);
      const open = async (lastMs: number): Promise<Lines> => {
        const lines = await openLines(endpoints, lastMs);
        opened.push(lines);
        return lines;
      };
      return new Lined(bench, topology, [await open(0), await open(SLOW_MS + TIMER_SLACK_MS)]);
    } catch (thrown) {
      for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#withSlow[Symbol.asyncDispose]();
    await this.#equal[Symbol.asyncDispose]();
    await this.#topology[Symbol.asyncDispose]();
  }

  /** @throws ClientFailedError also when the condition did not hold */
  async measure({ name }: Contender, condition: Condition): Promise<ConditionReport> {
    const { endpoints } = condition === 'slow' ? this.#withSlow : this.#equal;
    const last = this.#topology.masters.at(-1);
    const lastLine = endpoints.at(-1);
    if (last === undefined || lastLine === undefined) throw new Error('expected masters behind proxies, got none');
    const urls = endpoints.map(describeEndpoint);
    const task = {
      kind: 'pairs',
      contender: name,
      urls,
      inFlight: IN_FLIGHT,
      ttlMs: TTL_MS,
      pauseMs: PAUSE_MS,
    } as const;
    let pingNs = NaN;
    try {
      const report = await runClient(
        { ...task, ...pairTimes(this.#bench) },
        {
          signal: this.#bench.signal,
          beforeMeasuring: async () => {
            pingNs = await createCondition(condition, last, lastLine);
          },
        },
      );
      return { ...report, pingNs };
    } finally {
      await last.server?.resume();
    }
  }
}

/** Makes the master hang where it should, and sees with a PING of its own that the condition holds. */
async function createCondition(condition: Condition, master: Master, line: Endpoint): Promise<Ns> {
  using connection = new AdminConnection(line);
  await connection.call('PING');
  if (condition === 'hung') await master.server?.pause();
  let pingNs = Infinity;
  // The best of a few: one PING may meet a busy machine. A master that hangs answers none of them.
  for (let attempt = 0; attempt < PINGS; attempt++) pingNs = Math.min(pingNs, await ping(connection));
  const isSo = {
    healthy: pingNs < msToNs(SLOW_MS),
    slow: pingNs >= msToNs(SLOW_MS) && pingNs < Infinity,
    hung: pingNs === Infinity,
  };
  if (isSo[condition]) return pingNs;
  throw new ClientFailedError(`${condition} master: expected it to be so, got a PING of ${formatNs(pingNs)}`);
}

/** Resolves to Infinity when there is no answer. */
async function ping(connection: AdminConnection): Promise<Ns> {
  const startNs = systemClock.nowNs();
  const answer = connection.call('PING').then(() => systemClock.nowNs() - startNs);
  // Rejected when the connection is disposed of.
  answer.catch(() => undefined);
  return await Promise.race([answer, sleep(HANG_MS, Infinity)]);
}

function describe(one: Measured<Round>, condition: Condition): string[] {
  const median = (read: (report: ConditionReport) => number): number =>
    medianOver(one, (round) => read(round[condition]));
  const pingNs = median((report) => report.pingNs);
  return [
    one.name,
    condition,
    formatNs(median((report) => report.acquireP50Ns)),
    formatNs(median((report) => report.acquireP99Ns)),
    formatCount(median(pairsPerSecond)),
    formatCount(median((report) => report.failures)),
    pingNs === Infinity ? 'no answer' : formatNs(pingNs),
  ];
}

/** Each round against the healthy measurement beside it. */
function judge(one: Measured<Round>, condition: Exclude<Condition, 'healthy'>): Verdict {
  const rounds = one.reports.filter((round) => round !== undefined);
  const p99Of = (name: Condition): number => medianOf(rounds.map((round) => round[name].acquireP99Ns));
  const figure = medianOf(rounds.map((round) => round[condition].acquireP99Ns / round.healthy.acquireP99Ns));
  const target = { relation: '<=', value: MOST_RATIO, unit: 'x' } as const;
  const transport = one.name === OURS_WIRE ? 'wire' : 'ioredis';
  return {
    measured: `N=5, one ${condition}, ${transport}: acquire p99`,
    ours: formatNs(p99Of(condition)),
    against: `${formatNs(p99Of('healthy'))} healthy`,
    figure,
    target,
    isMet: isMet(figure, target),
  };
}
