/**
 * What can be done to the way between clients and a master, and what shows that it was done.
 *
 * @module
 */
import { isMomentary, type LinkFault, type LinkFaultKind } from '../model/fault.js';
import { formatFault, nameTarget } from '../model/fault-text.js';
import { formatNs, msToNs, msToS, type Clock, type Ns } from '../model/time.js';
import type { Impairment, LinkCounters } from '../servers/impairment.js';
import type { Proxies } from '../servers/proxy.js';
import { inject, type Act, type FaultTiming, type Injection, type Sight } from './injection.js';
import { ProbeConnection } from './probe-connection.js';

/** What of the proxies a fault needs. */
export type Ways = Pick<Proxies, 'endpoints' | 'impair' | 'counters'>;

/**
 * Does something to ways, named by their place among the proxies, and looks for the effect on each. Never rejects: what
 * could not be done is in the receipt.
 */
export function injectLinkFault(
  ways: Ways,
  places: readonly number[],
  fault: LinkFault,
  timing: FaultTiming,
): Promise<Injection> {
  const label = { text: formatFault(fault), kind: fault.kind, target: nameTarget(fault) };
  return inject(linkAct(ways, places, fault, timing.clock), label, timing);
}

/** What a fault of one or several ways does and looks at: it took effect when it did on all of them. */
export function linkAct(ways: Ways, places: readonly number[], fault: LinkFault, clock: Clock): Act {
  const impaired = places.map((place) => new ImpairedWay(ways, place, fault, clock));
  const seeAll = async (look: (way: ImpairedWay) => Promise<Sight | undefined>): Promise<Sight | undefined> => {
    const sights = await Promise.all(impaired.map(look));
    const seen = sights.filter((sight) => sight !== undefined);
    if (seen.length < impaired.length) return undefined;
    const [first = { saw: 'nothing, for there is no way' }] = seen;
    return seen.length === 1 ? first : { saw: `on the first of ${String(seen.length)} ways, ${first.saw}` };
  };
  return {
    inject: async () => {
      await Promise.all(impaired.map((way) => way.begin()));
    },
    seeEffect: () => seeAll((way) => way.seeEffect()),
    heal: async () => {
      await Promise.all(impaired.map((way) => way.end()));
    },
    ...(isMomentary(fault.kind) ? {} : { seeHealed: () => seeAll((way) => way.seeHealed()) }),
  };
}

/** A throttled probe should take this long, so that it stands out from the noise of a busy machine. */
const THROTTLED_PROBE_MS = 100;
/** One is a millisecond, at least. */
const MOST_TICKS = 100;
const LEAST_PROBE_BYTES = 64;
const MOST_PROBE_BYTES = 1_000_000;

const SILENT: readonly LinkFaultKind[] = ['hold', 'hold-requests', 'hold-replies', 'blackhole', 'half-open'];

/** One way, its proxy's counters, and a connection of our own that meets the same fate as the clients'. */
class ImpairedWay {
  readonly #ways: Ways;
  readonly #place: number;
  readonly #fault: LinkFault;
  readonly #clock: Clock;
  #before: LinkCounters | undefined;
  #probe: ProbeConnection | undefined;

  constructor(ways: Ways, place: number, fault: LinkFault, clock: Clock) {
    this.#ways = ways;
    this.#place = place;
    this.#fault = fault;
    this.#clock = clock;
  }

  async begin(): Promise<void> {
    // Open before the fault, so that there is a connection to reset even if no client has one.
    if (this.#fault.kind === 'reset' || this.#fault.kind === 'cut') {
      this.#dial();
      while (this.#probe?.isOpen === false && this.#probe.failure === undefined) await tick();
    }
    this.#before = await this.#ways.counters(this.#place);
    await this.#ways.impair(this.#place, impairmentOf(this.#fault));
    if (this.#fault.kind !== 'reset' && this.#fault.kind !== 'cut' && this.#fault.kind !== 'reset-after-request') {
      this.#dial();
      this.#ask(this.#fault.kind === 'bandwidth' ? probeBytes(this.#fault.bytesPerSecond) : 0);
    }
  }

  async seeEffect(): Promise<Sight | undefined> {
    const { kind } = this.#fault;
    if (kind === 'latency' || kind === 'bandwidth') return this.#seeSlowness();
    const now = await this.#ways.counters(this.#place);
    const before = this.#before ?? now;
    if (kind === 'cut') return this.#seeCut(now);
    if (kind === 'reset' || kind === 'reset-after-request') {
      const resets = now.resets - before.resets;
      return resets > 0 ? { saw: `the proxy reset ${count(resets, 'connection')}${this.#besides()}` } : undefined;
    }
    const stuck = now.heldBytes - before.heldBytes + (now.lostBytes - before.lostBytes);
    if (stuck <= 0 || this.#probe?.isAnswered === true || !SILENT.includes(kind)) return undefined;
    const verb = kind === 'blackhole' || kind === 'half-open' ? 'lost' : 'held back';
    return { saw: `the proxy ${verb} ${count(stuck, 'byte')}, and a probe was not answered` };
  }

  async end(): Promise<void> {
    this.#hangUp();
    await this.#ways.impair(this.#place, { kind: 'pass' });
  }

  /** A new connection is answered again, and as fast as it should. */
  seeHealed(): Promise<Sight | undefined> {
    if (this.#probe === undefined || this.#probe.failure !== undefined) {
      this.#hangUp();
      this.#dial();
      this.#ask(0);
    }
    if (this.#probe?.tookNs === undefined) return Promise.resolve(undefined);
    const { tookNs } = this.#probe;
    this.#hangUp();
    // What is as slow as during the fault proves nothing: ask again.
    if (this.#fault.kind === 'latency' && tookNs >= slownessOf(this.#fault)) return Promise.resolve(undefined);
    return Promise.resolve({ saw: `a probe was answered in ${formatNs(tookNs)}` });
  }

  #seeSlowness(): Promise<Sight | undefined> {
    if (this.#probe?.tookNs === undefined) {
      if (this.#probe?.failure !== undefined) throw new Error(`a probe got ${this.#probe.failure}`);
      return Promise.resolve(undefined);
    }
    const { tookNs } = this.#probe;
    const isSlow = tookNs >= slownessOf(this.#fault);
    return Promise.resolve(isSlow ? { saw: `a probe was answered after ${formatNs(tookNs)}` } : undefined);
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
      saw: `the proxy reset ${count(resets, 'connection')}${this.#besides()}, and a new one got ${another.failure}`,
    };
  }

  /** A probe that was open before counts among the connections. */
  #besides(): string {
    return this.#probe === undefined ? '' : ", a probe's among them";
  }

  #dial(): void {
    this.#probe = new ProbeConnection(this.#endpoint(), this.#clock);
  }

  #ask(bytes: number): void {
    this.#probe?.ask(bytes);
  }

  #hangUp(): void {
    this.#probe?.[Symbol.dispose]();
    this.#probe = undefined;
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

/** How long the answer to the probe takes at least while the way is slow: there and back. */
function slownessOf(fault: LinkFault): Ns {
  if (fault.kind === 'latency') return msToNs(2 * Math.max(0, fault.delayMs - fault.jitterMs));
  return msToNs(THROTTLED_PROBE_MS);
}

function probeBytes(bytesPerSecond: number): number {
  const bytes = Math.ceil(bytesPerSecond * msToS(THROTTLED_PROBE_MS));
  return Math.min(MOST_PROBE_BYTES, Math.max(LEAST_PROBE_BYTES, bytes));
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function count(n: number, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
}
