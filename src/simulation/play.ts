/**
 * One schedule: real clients on simulated masters, in virtual time.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import { seededRandom, type Random } from '../model/random.js';
import { msToNs, type Ns } from '../model/time.js';
import type { Lock } from '../redlock/lock.js';
import { Redlock } from '../redlock/redlock.js';
import { CarelessMaster, lieFor, type Favours, type TtlLie } from './careless-master.js';
import type { Conditions } from './conditions.js';
import { Host } from './host.js';
import { Narrator } from './narrator.js';
import { findOverlap, type LockPromise, type PromiseOverlap } from './promises.js';
import { SimulatedServer } from './simulated-server.js';
import { concerns, strike } from './strike.js';
import { clientOf, KEY, longestTtlMs, type Story, type StoryClient, type StoryFault, type Task } from './story.js';
import { VirtualTime } from './virtual-time.js';
import { WallClock } from './wall-clock.js';

/** Longer than most acquisitions take, shorter than most ttls. */
const NODE_TIMEOUT_MS = 50;
/** Slower than by default: a schedule is to be short, and whoever looks too often finds nothing more. */
const RETRY = { retryDelayMs: 10, retryJitterMs: 60 };
const LOST_NOTICES = 0.1;
/** Wall clocks need not agree: nothing compares two. */
const MOST_OFF_MS = 1_000;

export interface PlayResult {
  readonly overlap: PromiseOverlap | undefined;
  readonly grants: number;
}

interface Played extends PlayResult {
  /** The lines, where they were asked for and two promises overlap. */
  readonly told: readonly string[];
}

interface Client {
  readonly index: number;
  readonly host: Host;
  readonly masters: readonly CarelessMaster[];
  readonly redlock: Redlock;
}

/** A promise whose end is not known yet; by the client's clock. */
interface Promised {
  readonly client: number;
  readonly fromNs: Ns;
  validUntilClockNs: Ns;
  /** When the client ceased to rely on it, in true time. */
  endedNs: Ns;
}

/**
 * Plays a story and judges it.
 *
 * @throws Error when a task never settles, which is no story without a violation
 */
export async function play(story: Story, conditions: Conditions): Promise<PlayResult> {
  return await new Play(story, conditions, false).run();
}

/** Plays a story and tells it; no lines when no promises overlap. */
export async function tellPlay(story: Story, conditions: Conditions): Promise<readonly string[]> {
  return (await new Play(story, conditions, true).run()).told;
}

class Play {
  readonly #story: Story;
  readonly #conditions: Conditions;
  readonly #lie: TtlLie;
  readonly #narrator: Narrator | undefined;
  readonly #time = new VirtualTime();
  readonly #random: Random;
  readonly #servers: readonly SimulatedServer[];
  readonly #clients: readonly Client[];
  readonly #favours: Favours = new Map();
  readonly #promised: Promised[] = [];
  #open = 0;
  #failure: Error | undefined;

  constructor(story: Story, conditions: Conditions, isTold: boolean) {
    this.#story = story;
    this.#conditions = conditions;
    this.#lie = lieFor(conditions.manners);
    this.#narrator = isTold ? new Narrator(this.#time) : undefined;
    this.#random = seededRandom(story.seed);
    this.#servers = story.masterRates.slice(0, story.masters).map((rate, index) => {
      const clock = new WallClock(this.#time, { offsetMs: this.#random.next() * MOST_OFF_MS, rate });
      return this.#narrator?.makeServer(clock, index) ?? new SimulatedServer(clock);
    });
    // Of clients that do nothing, none is made.
    this.#clients = story.clients.slice(0, story.tasks.length).map((client, index) => this.#makeClient(client, index));
  }

  async run(): Promise<Played> {
    const { tasks, faults, clients } = this.#story;
    this.#clients.forEach(({ masters }, index) => {
      const { apartFrom } = clients[index] ?? {};
      if (apartFrom !== undefined) masters[apartFrom]?.part(Infinity);
    });
    this.#narrator?.begin(this.#story);
    this.#open = tasks.length;
    tasks.forEach((task, taskIndex) => {
      const client = this.#clients[clientOf(taskIndex)];
      if (client === undefined) return;
      this.#time.onHost(client.host, msToNs(task.startMs), () => {
        this.#perform(task, client).then(
          () => this.#open--,
          (error: unknown) => {
            this.#failure ??= toError(error);
          },
        );
      });
    });
    for (const fault of faults) {
      this.#time.inWorld(msToNs(fault.atMs), () => {
        this.#strike(fault);
      });
    }
    await this.#time.play(() => this.#open === 0 || this.#failure !== undefined);
    if (this.#failure !== undefined) throw this.#failure;
    // Of a client that waits for ever nothing is known.
    if (this.#open > 0) {
      throw new Error(`expected every task to settle, got ${String(this.#open)} open when nothing was left to happen`);
    }
    const overlap = findOverlap(this.#promised.map((promised) => this.#conclude(promised)));
    const told = overlap === undefined ? [] : (this.#narrator?.tell(overlap) ?? []);
    return { overlap, grants: this.#promised.length, told };
  }

  #makeClient({ clockRate, delaysMs }: StoryClient, index: number): Client {
    const { manners } = this.#conditions;
    const host = new Host(clockRate);
    const time = this.#time;
    const passage = {
      nowNs: () => time.nowNs(),
      atServer: (delayNs: Ns, act: () => void) => {
        time.inWorld(delayNs, act);
      },
      atClient: (delayNs: Ns, act: () => void) => {
        time.onHost(host, delayNs, act);
      },
    };
    // One master alone cannot do with fewer votes than one.
    const kept = this.#story.masters === 1 ? { ...manners, favours: 0 } : manners;
    const masters = this.#servers.map((server, place) => {
      const delayMs = delaysMs[place] ?? 1;
      const link = { requestMs: delayMs, replyMs: delayMs, jitterMs: 0, lossShare: LOST_NOTICES };
      return new CarelessMaster(
        { server, index: place, link, passage, random: this.#random },
        {
          manners: kept,
          surplusMs: this.#lie.surplusMs,
          favours: this.#favours,
          onDelete: () => this.#narrator?.deletes(index, place),
        },
      );
    });
    const redlock = new Redlock(
      masters.map((master) => () => master),
      {
        nodeTimeoutMs: NODE_TIMEOUT_MS,
        ...RETRY,
        wakeUp: this.#story.wakeUp,
        driftFactor: this.#lie.driftFactor,
        // Of its own: the clients know each other by their masters alone, and what is left of them is nobody's.
        clock: time.clockOf(host),
        random: this.#random,
      },
    );
    return { index, host, masters, redlock };
  }

  async #perform(task: Task, client: Client): Promise<void> {
    const { ttlMs, patienceMs, holdMs, extensionMs, end } = task;
    const { surplusMs } = this.#lie;
    this.#narrator?.asks(client.index, task);
    const outcome = await client.redlock.tryAcquire(KEY, ttlMs + surplusMs, { acquireTimeoutMs: patienceMs });
    if (outcome.status !== 'acquired') {
      this.#narrator?.gaveUp(client.index, outcome.status);
      return;
    }
    const { lock } = outcome;
    let promised = this.#promise(client, lock);
    await sleep(holdMs / 2);
    if (extensionMs !== undefined) {
      this.#narrator?.extends(client.index, extensionMs);
      const extending = lock.tryExtend(extensionMs + surplusMs);
      // Some masters may have the new end by now, and be the only ones.
      promised.validUntilClockNs = Math.min(promised.validUntilClockNs, this.#validUntil(lock));
      const { status } = await extending;
      if (status !== 'indeterminate') promised.endedNs = this.#time.nowNs();
      if (status === 'extended') promised = this.#promise(client, lock);
      else this.#narrator?.notExtended(client.index, status);
    }
    await sleep(holdMs / 2);
    // Who never releases relies on the validity alone; if that was over from the start, it never looked.
    if (end === 'expiry' && promised.validUntilClockNs !== Infinity) return;
    promised.endedNs = Math.min(promised.endedNs, this.#time.nowNs());
    if (end === 'expiry') return;
    this.#narrator?.releases(client.index);
    await lock.release();
  }

  /** A client was told that it holds the lock. */
  #promise({ index: client, host }: Client, lock: Lock): Promised {
    const fromNs = this.#time.nowNs();
    const validUntilClockNs = this.#validUntil(lock);
    const isBelieved = this.#conditions.manners.trustsExpired && host.read(fromNs) >= validUntilClockNs;
    const promised = {
      client,
      fromNs,
      validUntilClockNs: isBelieved ? Infinity : validUntilClockNs,
      endedNs: Infinity,
    };
    this.#promised.push(promised);
    this.#narrator?.granted(client, lock.token, () => this.#conclude(promised).untilNs);
    return promised;
  }

  /** The end of the validity by the client's clock. */
  #validUntil(lock: Lock): Ns {
    return lock.validUntilNs - msToNs(this.#lie.excessMs);
  }

  /** In true time, once all is known of the client's clock. */
  #conclude({ client, fromNs, validUntilClockNs, endedNs }: Promised): LockPromise {
    const host = this.#clients[client]?.host;
    const validUntilNs = host === undefined ? Infinity : host.trueInstant(validUntilClockNs);
    return { client, fromNs, untilNs: Math.min(endedNs, validUntilNs) };
  }

  #strike(fault: StoryFault): void {
    const client = this.#clients[fault.client];
    const struck = {
      time: this.#time,
      server: this.#servers[fault.master],
      host: client?.host,
      connection: client?.masters[fault.master],
    };
    // A smaller story may have fewer clients and masters.
    if (!concerns(fault, struck)) return;
    const lastsMs = fault.kind === 'forget' ? this.#absenceMs(fault) : fault.lastsMs;
    this.#narrator?.strikes(fault, lastsMs);
    strike(fault, msToNs(lastsMs), struck, () => this.#narrator?.restarted(fault));
  }

  /** How long a master stays away that forgets: for no longer than a key may have lasted, unless that was assumed. */
  #absenceMs({ lastsMs }: StoryFault): number {
    return this.#conditions.absenceTtls * longestTtlMs(this.#story) + lastsMs;
  }
}

/** By the clock of the client that sleeps. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
