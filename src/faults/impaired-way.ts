/**
 * One way between clients and a master while something is done to it, and what shows that.
 *
 * @module
 */
import type { LinkFault, LinkFaultKind } from '../model/fault.js';
import { formatThings } from '../model/figure-text.js';
import { formatNs, msToNs, msToS, sToNs, type Clock, type Ns } from '../model/time.js';
import type { Impairment, LinkCounters } from '../servers/impairment.js';
import type { Proxies } from '../servers/proxy.js';
import type { Sight } from './injection.js';
import { ProbeConnection } from './probe-connection.js';

/** What of the proxies a fault needs. */
export type Ways = Pick<Proxies, 'endpoints' | 'impair' | 'counters'>;

/** A throttled probe should take this long each way, so that it stands out from the noise of a busy machine. */
const THROTTLED_PROBE_MS = 100;
/** The fastest of so many at once is taken: chance makes one slow, and not all of them. */
const SPEED_PROBES = 3;
const BASELINE_ROUNDS = 2;
/** What a way that nobody disturbs may take to answer. */
const BASELINE_LIMIT_MS = 2_000;
/** One is a millisecond, at least. */
const MOST_TICKS = 100;
const LEAST_PROBE_BYTES = 64;
const MOST_PROBE_BYTES = 1_000_000;

const SILENT: readonly LinkFaultKind[] = ['hold', 'hold-requests', 'hold-replies', 'blackhole', 'half-open'];

/** One way, its proxy's counters, and connections of our own that meet the same fate as the clients'. */
export class ImpairedWay {
  readonly #ways: Ways;
  readonly #place: number;
  readonly #fault: LinkFault;
  readonly #clock: Clock;
  #before: LinkCounters | undefined;
  /** How long an answer took before the fault; undefined where that is not what changes. */
  #baselineNs: Ns | undefined;
  #probes: readonly ProbeConnection[] = [];

  constructor(ways: Ways, place: number, fault: LinkFault, clock: Clock) {
    this.#ways = ways;
    this.#place = place;
    this.#fault = fault;
    this.#clock = clock;
  }

  async begin(): Promise<void> {
    const { kind } = this.#fault;
    // Open before the fault, so that there is a connection to reset even if no client has one.
    if (kind === 'reset' || kind === 'cut') {
      this.#dial(1);
      while (this.#probe?.isOpen === false && this.#probe.failure === undefined) await tick();
    }
    if (isSlowing(this.#fault)) this.#baselineNs = await this.#measureBaseline();
    this.#before = await this.#ways.counters(this.#place);
    await this.#ways.impair(this.#place, impairmentOf(this.#fault));
    if (kind !== 'reset' && kind !== 'cut' && kind !== 'reset-after-request') this.#askAnew();
  }

  async seeEffect(): Promise<Sight | undefined> {
    const { kind } = this.#fault;
    if (isSlowing(this.#fault)) return this.#seeSlowness();
    const now = await this.#ways.counters(this.#place);
    const before = this.#before ?? now;
    if (kind === 'cut') return this.#seeCut(now);
    if (kind === 'reset' || kind === 'reset-after-request') {
      const resets = now.resets - before.resets;
      return resets > 0
        ? { saw: `the proxy reset ${formatThings(resets, 'connection')}${this.#besides()}` }
        : undefined;
    }
    const stuck = now.heldBytes - before.heldBytes + (now.lostBytes - before.lostBytes);
    if (stuck <= 0 || this.#probe?.isAnswered === true || !SILENT.some((each) => each === kind)) return undefined;
    const verb = kind === 'blackhole' || kind === 'half-open' ? 'lost' : 'held back';
    return { saw: `the proxy ${verb} ${formatThings(stuck, 'byte')}, and a probe was not answered` };
  }

  async end(): Promise<void> {
    this.#hangUp();
    await this.#ways.impair(this.#place, { kind: 'pass' });
  }

  /** New connections are answered again, and as fast as before. */
  seeHealed(): Promise<Sight | undefined> {
    if (this.#probes.length === 0 || this.#failure !== undefined) this.#askAnew();
    const tookNs = this.#tookNs;
    if (tookNs === undefined) return Promise.resolve(undefined);
    this.#hangUp();
    // What is as slow as during the fault proves nothing: ask again.
    if (this.#isSlow(tookNs)) return Promise.resolve(undefined);
    return Promise.resolve({ saw: `a probe was answered in ${formatNs(tookNs)}` });
  }

  #seeSlowness(): Promise<Sight | undefined> {
    const tookNs = this.#tookNs;
    if (tookNs === undefined) {
      if (this.#failure !== undefined) throw new Error(`a probe got ${this.#failure}`);
      return Promise.resolve(undefined);
    }
    if (!this.#isSlow(tookNs)) return Promise.resolve(undefined);
    const before = formatNs(this.#baselineNs ?? 0);
    return Promise.resolve({ saw: `a probe was answered after ${formatNs(tookNs)}, and after ${before} before` });
  }

  /** Nearer to what the fault makes of the baseline than to the baseline itself. */
  #isSlow(tookNs: Ns): boolean {
    return this.#baselineNs !== undefined && tookNs >= this.#baselineNs + slownessOf(this.#fault) / 2;
  }

  /** The fastest answer of a few rounds: one that was slow by chance would hide what the fault adds. */
  async #measureBaseline(): Promise<Ns> {
    let fastestNs = Infinity;
    const deadlineNs = this.#clock.nowNs() + msToNs(BASELINE_LIMIT_MS);
    for (let round = 0; round < BASELINE_ROUNDS; round++) {
      this.#askAnew();
      while (this.#tookNs === undefined) {
        if (this.#failure !== undefined || this.#clock.nowNs() > deadlineNs) {
          throw new Error(`expected an answer on the way before the fault, got ${this.#failure ?? 'none'}`);
        }
        await tick();
      }
      fastestNs = Math.min(fastestNs, this.#tookNs);
    }
    this.#hangUp();
    return fastestNs;
  }

  /** Asks on new connections what a fault of this kind would be seen by. */
  #askAnew(): void {
    this.#hangUp();
    this.#dial(isSlowing(this.#fault) ? SPEED_PROBES : 1);
    const bytes = this.#fault.kind === 'bandwidth' ? probeBytes(this.#fault.bytesPerSecond) : 0;
    for (const probe of this.#probes) probe.ask(bytes);
  }

  get #probe(): ProbeConnection | undefined {
    return this.#probes[0];
  }

  get #failure(): string | undefined {
    return this.#probes.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** Of the fastest probe, once all have been answered. */
  get #tookNs(): Ns | undefined {
    const tooksNs = this.#probes.map(({ tookNs }) => tookNs ?? Infinity);
    return tooksNs.length === 0 || tooksNs.includes(Infinity) ? undefined : Math.min(...tooksNs);
  }

  async #seeCut(now: LinkCounters): Promise<Sight | undefined> {
    const before = this.#before ?? now;
    if (this.#probe?.failure === undefined) return undefined;
    using another = new ProbeConnection(this.#endpoint(), this.#clock);
    another.ask();
    // The kernel accepts for the proxy, which resets what it takes: a connection that opened may still be refused.
    for (let ticks = 0; ticks < MOST_TICKS && another.failure === undefined && !another.isAnswered; ticks++)
      await tick();
    if (another.failure === undefined) return undefined;
    const resets = now.resets - before.resets;
    return {
      saw: `the proxy reset ${formatThings(resets, 'connection')}${this.#besides()}, and a new one got ${another.failure}`,
    };
  }

  /** A probe that was open before counts among the connections. */
  #besides(): string {
    return this.#probe === undefined ? '' : ", a probe's among them";
  }

  #dial(probes: number): void {
    this.#probes = Array.from({ length: probes }, () => new ProbeConnection(this.#endpoint(), this.#clock));
  }

  #hangUp(): void {
    for (const probe of this.#probes) probe[Symbol.dispose]();
    this.#probes = [];
  }

  #endpoint(): Ways['endpoints'][number] {
    const endpoint = this.#ways.endpoints[this.#place];
    if (endpoint === undefined) throw new RangeError(`way ${String(this.#place)}: expected a proxy, got none`);
    return endpoint;
  }
}

function impairmentOf(fault: LinkFault): Impairment {
  switch (fault.kind) {
    case 'latency':
      return { kind: 'latency', delayMs: fault.delayMs, jitterMs: fault.jitterMs };
    case 'bandwidth':
      return { kind: 'bandwidth', bytesPerSecond: fault.bytesPerSecond };
    default:
      return { kind: fault.kind };
  }
}

type SlowingFault = Extract<LinkFault, { kind: 'latency' | 'bandwidth' }>;

function isSlowing(fault: LinkFault): fault is SlowingFault {
  return fault.kind === 'latency' || fault.kind === 'bandwidth';
}

/** How much longer the answer to a probe takes at least while the way is slow: there and back. */
function slownessOf(fault: LinkFault): Ns {
  if (fault.kind === 'latency') return msToNs(2 * Math.max(0, fault.delayMs - fault.jitterMs));
  if (fault.kind === 'bandwidth') return sToNs((2 * probeBytes(fault.bytesPerSecond)) / fault.bytesPerSecond);
  return 0;
}

function probeBytes(bytesPerSecond: number): number {
  const bytes = Math.ceil(bytesPerSecond * msToS(THROTTLED_PROBE_MS));
  return Math.min(MOST_PROBE_BYTES, Math.max(LEAST_PROBE_BYTES, bytes));
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
