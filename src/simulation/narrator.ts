/**
 * Tells a schedule in plain words, a line for each event.
 *
 * @module
 */
import { nsToMs, type Clock, type Ns } from '../model/time.js';
import { quorumOf } from '../model/quorum.js';
import type { PromiseOverlap } from './promises.js';
import { SimulatedServer } from './simulated-server.js';
import { KEY, type Story, type StoryFault, type Task } from './story.js';
import type { WallClock } from './wall-clock.js';

interface Line {
  readonly atNs: Ns;
  /** Asked at the end, when more is known; undefined for what proved to be of no account. */
  readonly tell: () => string | undefined;
}

const PERCENT = 100;

/** Takes down what happens, and tells it up to the first overlap of promises. */
export class Narrator {
  readonly #time: Clock;
  readonly #lines: Line[] = [];
  readonly #servers: SimulatedServer[] = [];
  /** Whose token it is, for those that became locks. */
  readonly #owners = new Map<string, number>();
  #setting: readonly string[] = [];

  constructor(time: Clock) {
    this.#time = time;
  }

  begin(story: Story): void {
    this.#setting = tellSetting(story);
  }

  makeServer(clock: WallClock, index: number): SimulatedServer {
    const server = new ToldServer(clock, {
      set: (token, ttlMs) => {
        const byClock = clock.rate === 1 ? '' : ' by its clock';
        this.#note(() => {
          const owner = this.#ownerOf(token);
          return owner && `${nameMaster(index)} keeps ${KEY} for ${owner} for ${String(ttlMs)} ms${byClock}`;
        });
      },
      deleted: (token) => {
        this.#note(() => {
          const owner = this.#ownerOf(token);
          return owner && `${nameMaster(index)} deletes ${KEY}, which was ${owner}'s`;
        });
      },
    });
    this.#servers.push(server);
    return server;
  }

  asks(client: number, { ttlMs, patienceMs }: Task): void {
    const tries = patienceMs === 0 ? 'once' : `for up to ${String(patienceMs)} ms`;
    this.#note(() => `${nameClient(client)} asks for ${KEY}, ttl ${String(ttlMs)} ms, ${tries}`);
  }

  /** @param untilNs when the promise ends, in true time; asked at the end */
  granted(client: number, token: string, untilNs: () => Ns): void {
    this.#owners.set(token, client);
    const keepers = this.#servers.flatMap((server, index) => (server.get(KEY) === token ? [nameMaster(index)] : []));
    const where = keepers.length === 0 ? 'which no master keeps any more' : `kept by ${keepers.join(', ')}`;
    this.#note(
      () => `${nameClient(client)} is granted ${KEY}, ${where}, and promised it until ${wholeMs(untilNs())} ms`,
    );
  }

  gaveUp(client: number, status: string): void {
    this.#note(() => `${nameClient(client)} gives up: ${status}`);
  }

  extends(client: number, ttlMs: number): void {
    this.#note(() => `${nameClient(client)} extends ${KEY} to ${String(ttlMs)} ms`);
  }

  notExtended(client: number, status: string): void {
    this.#note(() => `${nameClient(client)} is told that the extension is ${status}`);
  }

  releases(client: number): void {
    this.#note(() => `${nameClient(client)} releases ${KEY}`);
  }

  /** A DEL without a token has arrived. */
  deletes(client: number, master: number): void {
    if (this.#servers[master]?.get(KEY) === undefined) return;
    this.#note(() => `${nameClient(client)} has ${nameMaster(master)} delete ${KEY}, whoever's it is`);
  }

  strikes(fault: StoryFault, lastsMs: number): void {
    this.#note(() => tellFault(fault, lastsMs));
  }

  restarted({ kind, master }: StoryFault): void {
    this.#note(() => `${nameMaster(master)} is back, ${kind === 'crash' ? 'with' : 'without'} its keys`);
  }

  /** The whole story, with its end. */
  tell({ first, second }: PromiseOverlap): string[] {
    const happened = this.#lines
      .filter(({ atNs }) => atNs <= second.fromNs)
      .flatMap(({ atNs, tell }) => {
        const text = tell();
        return text === undefined ? [] : [`${wholeMs(atNs).padStart(5)} ms  ${text}`];
      });
    return [
      ...this.#setting,
      ...happened,
      `P2 violated: from ${wholeMs(second.fromNs)} ms to ${wholeMs(Math.min(first.untilNs, second.untilNs))} ms ` +
        `both ${nameClient(first.client)} and ${nameClient(second.client)} are promised ${KEY}`,
    ];
  }

  #note(tell: () => string | undefined): void {
    this.#lines.push({ atNs: this.#time.nowNs(), tell });
  }

  #ownerOf(token: string): string | undefined {
    const client = this.#owners.get(token);
    return client === undefined ? undefined : nameClient(client);
  }
}

interface KeyNews {
  set(token: string, ttlMs: number): void;
  deleted(token: string): void;
}

/** A server whose keys are news. */
class ToldServer extends SimulatedServer {
  readonly #news: KeyNews;

  constructor(clock: WallClock, news: KeyNews) {
    super(clock);
    this.#news = news;
  }

  override set(keys: readonly string[], token: string, ttlMs: number): boolean {
    this.#news.set(token, ttlMs);
    return super.set(keys, token, ttlMs);
  }

  override delete(keys: readonly string[]): boolean {
    for (const key of keys) {
      const token = this.get(key);
      if (token !== undefined) this.#news.deleted(token);
    }
    return super.delete(keys);
  }
}

/** What is so from the beginning. */
function tellSetting({ masters, masterRates, clients, tasks }: Story): string[] {
  const rates = masterRates
    .slice(0, masters)
    .flatMap((rate, index) => (rate === 1 ? [] : [`the clock of ${nameMaster(index)} runs ${tellRate(rate)}`]));
  const ways = clients.slice(0, tasks.length).flatMap(({ clockRate, apartFrom }, index) => {
    return [
      ...(clockRate === 1 ? [] : [`the clock of ${nameClient(index)} runs ${tellRate(clockRate)}`]),
      ...(apartFrom === undefined || apartFrom >= masters
        ? []
        : [`${nameClient(index)} cannot reach ${nameMaster(apartFrom)}`]),
    ];
  });
  const size = `${String(masters)} ${masters === 1 ? 'master' : 'masters'}, a majority is ${String(quorumOf(masters))}`;
  return [size, ...rates, ...ways];
}

function tellRate(rate: number): string {
  const percent = Number((Math.abs(rate - 1) * PERCENT).toFixed(1));
  return `${String(percent)} % too ${rate > 1 ? 'fast' : 'slow'}`;
}

function tellFault({ kind, client, master, byMs }: StoryFault, lastsMs: number): string {
  const lasts = `for ${String(lastsMs)} ms`;
  switch (kind) {
    case 'part':
      return `${nameClient(client)} loses ${nameMaster(master)} ${lasts}`;
    case 'hold':
      return `what ${nameClient(client)} and ${nameMaster(master)} send each other is held up ${lasts}`;
    case 'pause':
      return `${nameClient(client)} is paused ${lasts}`;
    case 'sleep':
      return `${nameClient(client)} is paused ${lasts}, and its clock stands still`;
    case 'hang':
      return `${nameMaster(master)} hangs ${lasts}`;
    case 'crash':
      return `${nameMaster(master)} crashes, and is away ${lasts}`;
    case 'forget':
      return `${nameMaster(master)} crashes and forgets, and is away ${lasts}`;
    case 'jump':
      return `the clock of ${nameMaster(master)} jumps by ${String(byMs)} ms`;
    case 'evict':
      return `${nameMaster(master)} evicts ${KEY}`;
  }
}

const nameClient = (index: number): string => `c${String(index + 1)}`;
const nameMaster = (index: number): string => `m${String(index + 1)}`;
const wholeMs = (ns: Ns): string => (ns === Infinity ? '∞' : String(Math.round(nsToMs(ns))));
