/**
 * The stage of one experiment: what is done on it, and what is kept of it to be judged.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { inject, type Act, type FaultLabel, type FaultTiming, type Injection } from '../faults/injection.js';
import { injectLinkFault } from '../faults/link-faults.js';
import { injectServerFault } from '../faults/server-faults.js';
import { toError } from '../model/errors.js';
import { isClientFault, isLinkFault, type Fault, type FaultReceipt } from '../model/fault.js';
import { formatNs, msToNs, nsToMs, systemClock, type Ns } from '../model/time.js';
import type { SpawnedServer } from '../servers/spawned-server.js';
import { linkIndex, resourceLinkIndex, type Cast } from './cast.js';
import type { Acquired, AcquireReport } from './contender-protocol.js';
import type { Contender } from './contender.js';
import { range, type Hold, type Load, type Stage, type Terms, type Trouble } from './experiment.js';
import { blockOf, deathOf, holdOf, pauseOf, wallClockOf } from './trouble.js';

const PATIENCE_MS = 10_000;
const RETRY_MS = 5;
/** A library without a node timeout waits for a master that cannot be reached for as long as its connection does. */
const ATTEMPT_LIMIT_MS = 5_000;
const LEAST_ATTEMPT_MS = 50;
/** So may its release; what matters of one is when the holder left. */
const RELEASE_LIMIT_MS = 1_000;
/** A delayed restart comes so long after the longest ttl. */
const MARGIN_MS = 200;
/** So long before the end of its promise a holder that stays to the end begins to leave. */
const LEAVING_MS = 6;
const KEY_INDEX = 0;
/** The token of a stranger, and how long it would keep a key. */
const STRANGER = 'a stranger';
const STRANGER_MS = 60_000;

export interface StageParts {
  readonly cast: Cast;
  readonly terms: Terms;
  readonly ttlMs: number;
  readonly clients: number;
  /** What is locked. */
  readonly resource: string;
  /** By which name it stands on the masters. */
  readonly key: string;
  /** From which all receipts count. */
  readonly epochNs: Ns;
  readonly signal: AbortSignal;
}

/** A stage with everything that is on it. */
export class LiveStage implements Stage {
  readonly terms: Terms;
  readonly ttlMs: number;
  readonly outages: string[] = [];
  readonly stuckReasons: string[] = [];
  readonly doubts: string[] = [];
  /** Grants by their fault margin. */
  readonly margins: number[] = [];
  recoveryMs: number | null = null;
  readonly #parts: StageParts;
  readonly #timing: FaultTiming;
  readonly #injections: Injection[] = [];
  /** Restarts that are to come, and who waits for them. */
  readonly #returns: Promise<unknown>[] = [];
  readonly #waits = new AbortController();
  /** When each client was told that others hold the lock. */
  readonly #refusalsNs = new Map<number, Ns[]>();

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.terms = parts.terms;
    this.ttlMs = parts.ttlMs;
    this.#timing = { clock: systemClock, epochNs: parts.epochNs };
  }

  client(number: number): Contender {
    const contender = this.#parts.cast.contenders[number - 1];
    if (contender === undefined) throw new RangeError(`client: expected one of the experiment, got ${String(number)}`);
    return contender;
  }

  attempt(client: number): Promise<AcquireReport> {
    return watched(this.#attempt(client, ATTEMPT_LIMIT_MS, this.ttlMs));
  }

  hold(client: number, report: AcquireReport): Hold | undefined {
    return report.status === 'acquired' ? this.#holdOf(client, report) : undefined;
  }

  take(client: number, withinMs = PATIENCE_MS, ttlMs = this.ttlMs): Promise<Hold | undefined> {
    return watched(this.#take(client, withinMs, ttlMs));
  }

  refusals(client: number, sinceNs: Ns): number {
    return (this.#refusalsNs.get(client) ?? []).filter((atNs) => atNs >= sinceNs).length;
  }

  async #take(client: number, withinMs: number, ttlMs: number): Promise<Hold | undefined> {
    const untilNs = systemClock.nowNs() + msToNs(withinMs);
    do {
      this.#parts.signal.throwIfAborted();
      const leftMs = nsToMs(untilNs - systemClock.nowNs());
      const hold = this.hold(client, await this.#attempt(client, Math.max(LEAST_ATTEMPT_MS, leftMs), ttlMs));
      if (hold !== undefined) return hold;
      await sleep(RETRY_MS);
    } while (systemClock.nowNs() < untilNs);
    return undefined;
  }

  async #attempt(client: number, abortAfterMs: number, ttlMs: number): Promise<AcquireReport> {
    const { terms, resource } = this.#parts;
    const fenced = terms.variant === 'fenced';
    const report = await this.client(client).acquire({ keyIndex: KEY_INDEX, resource, ttlMs, fenced, abortAfterMs });
    if (report.status === 'acquired') await this.#recordMargin(report.token);
    if (report.status === 'held') {
      this.#refusalsNs.set(client, [...(this.#refusalsNs.get(client) ?? []), report.returnedNs]);
    }
    return report;
  }

  async mustTake(client: number): Promise<Hold> {
    const hold = await this.take(client);
    if (hold === undefined)
      throw new Error(`client ${String(client)} was not granted the lock that the experiment needs`);
    return hold;
  }

  async loop(client: number, { holdMs, forMs, clients }: Load): Promise<{ granted: number }> {
    const { ttlMs, terms, resource } = this.#parts;
    const fenced = terms.variant === 'fenced';
    const keys = [{ keyIndex: KEY_INDEX, resource }];
    return await this.client(client).loop({ keys, ttlMs, holdMs, forMs, clients, fenced });
  }

  async occupy(masters: readonly number[]): Promise<void> {
    for (const master of masters) await this.administer(master, 'SET', '', STRANGER, 'PX', String(STRANGER_MS));
  }

  async vacate(masters: readonly number[]): Promise<void> {
    for (const master of masters) await this.administer(master, 'DEL', '');
  }

  async reachOnly(client: number, masters: readonly number[]): Promise<void> {
    const others = range(1, this.terms.masters).filter((master) => !masters.includes(master));
    await Promise.all(others.map((master) => this.inject({ kind: 'cut', master, client })));
  }

  async inject(fault: Fault): Promise<Trouble> {
    if (isLinkFault(fault))
      return this.#keep(await injectLinkFault(this.#parts.cast.proxies, this.#places(fault), fault, this.#timing));
    if (isClientFault(fault))
      throw new RangeError(`${fault.kind}: expected a fault of masters or ways, got one of clients`);
    const stallMs = fault.kind === 'stall' ? this.ttlMs / 2 : undefined;
    return this.#keep(await injectServerFault(this.#server(fault.master), fault, this.#timing, stallMs));
  }

  async crash(master: number, how: 'kill' | 'power-loss' | 'shutdown', delayMs?: number): Promise<void> {
    const isDelayed = this.terms.variant === 'delayed-restart';
    const awayMs = delayMs ?? (isDelayed ? this.ttlMs + MARGIN_MS : 0);
    const trouble = await this.inject({ kind: how, master });
    if (awayMs === 0) await trouble.heal();
    else this.#returns.push(watched(this.#returnLater(trouble, awayMs)));
  }

  pause(client: number): Promise<Trouble> {
    return this.#commit(
      pauseOf(this.client(client)),
      `pause-client client=${String(client)}`,
      `client ${String(client)}`,
    );
  }

  block(client: number, ms: number): Promise<Trouble> {
    const text = `block client=${String(client)} for=${String(Math.round(ms))}ms`;
    return this.#commit(blockOf(this.client(client), ms, systemClock), text, `client ${String(client)}`);
  }

  moveWallClock(client: number, byMs: number): Promise<Trouble> {
    const text = `client-clock client=${String(client)} by=${String(byMs)}ms`;
    return this.#commit(wallClockOf(this.client(client), byMs), text, `client ${String(client)}`);
  }

  async kill(client: number): Promise<void> {
    await this.#commit(
      deathOf(this.client(client)),
      `kill-client client=${String(client)}`,
      `client ${String(client)}`,
    );
  }

  holdWrites(client: number): Promise<Trouble> {
    const { cast, clients } = this.#parts;
    const place = resourceLinkIndex(client, clients, this.terms.masters);
    const act = holdOf(cast.proxies, place, 'hold-requests');
    const target = `client ${String(client)} to the resource`;
    return this.#commit(act, `hold-writes client=${String(client)}`, target);
  }

  holdReplication(): Promise<Trouble> {
    const { replication } = this.#parts.cast;
    if (replication === undefined) throw new RangeError('replica: expected one in the experiment, got none');
    return this.#commit(holdOf(replication, 0, 'hold'), 'hold-replication', 'the replica and its master');
  }

  async awaitReplication(): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      if (Number(await this.#server(2).call('EXISTS', this.#parts.key)) === 1) return;
      // A replica whose clock is ahead hides the key, and has it all the same.
      const replica = await this.#server(2).info();
      const master = await this.#server(1).info();
      if (replica.get('slave_repl_offset') === master.get('master_repl_offset')) return;
      await sleep(RETRY_MS);
    }
    this.doubt('the replica did not catch up with its master');
  }

  async promoteReplica(mustLack: boolean): Promise<void> {
    const replica = this.#server(2);
    const hasKey = (await replica.call('GET', this.#parts.key)) !== null;
    if (mustLack && hasKey) this.doubt('the replica had the key, although its link was held back');
    const label = { text: 'promote', kind: 'promote', target: 'the replica' };
    await this.#commitLabelled(
      {
        inject: async () => {
          await replica.call('REPLICAOF', 'NO', 'ONE');
        },
        seeEffect: async () =>
          (await replica.info()).get('role') === 'master' ? { saw: 'it says that it is a master' } : undefined,
      },
      label,
    );
  }

  async hasKey(master: number, { granted }: Hold): Promise<boolean | undefined> {
    const server = this.#server(master);
    if (!server.isRunning()) return undefined;
    const value = await server.call('GET', this.#parts.key).catch(() => undefined);
    // A lock whose value is not its token, or whose key is no string, does not say.
    return value === null ? false : value === granted.token ? true : undefined;
  }

  async haveKey(suffix: string): Promise<boolean> {
    const masters = this.#masters();
    const counts = await Promise.all(masters.map((server) => server.call('EXISTS', `${this.#parts.key}${suffix}`)));
    return counts.every((count) => count === 1);
  }

  administer(master: number, command: string, suffix: string, ...args: readonly string[]): Promise<Trouble> {
    const key = `${this.#parts.key}${suffix}`;
    let reply: unknown;
    const act: Act = {
      inject: async () => {
        reply = await this.#server(master).call(command, key, ...args);
      },
      seeEffect: () => Promise.resolve(reply === 0 ? undefined : { saw: `the answer was ${String(reply)}` }),
    };
    return this.#commit(act, `${command.toLowerCase()} master=${String(master)}`, `master ${String(master)}`);
  }

  async keysSet(): Promise<number> {
    return (await this.#values()).filter((value) => value !== null && value !== undefined).length;
  }

  async untilPromiseEnds({ granted }: Hold): Promise<void> {
    const { validUntilNs: statedNs, invokedNs } = granted;
    const endNs = statedNs === undefined || statedNs === Infinity ? invokedNs + msToNs(this.ttlMs) : statedNs;
    await sleep(Math.max(0, nsToMs(endNs - systemClock.nowNs()) - LEAVING_MS));
  }

  sleep(ms: number): Promise<void> {
    return sleep(ms);
  }

  stuck(reason: string): void {
    this.stuckReasons.push(reason);
  }

  outage(reason: string): void {
    this.outages.push(reason);
  }

  recovered(ms: number): void {
    this.recoveryMs = ms;
  }

  doubt(reason: string): void {
    this.doubts.push(reason);
  }

  /** Heals what is not healed, the last first, and gives the receipts in the order of the injections. */
  async end(): Promise<readonly FaultReceipt[]> {
    this.#waits.abort();
    await Promise.allSettled(this.#returns);
    for (const injection of [...this.#injections].reverse()) await injection.heal();
    return this.#injections.map(({ receipt }) => receipt);
  }

  #holdOf(number: number, granted: Acquired): Hold {
    const client = this.client(number);
    return {
      client,
      granted,
      read: () => watched(client.read(granted.hold)),
      write: () => watched(client.write(granted.hold)),
      extend: async () => (await client.extend(granted.hold, this.ttlMs)).status,
      release: async () => {
        const released = client.release(granted.hold).catch(() => undefined);
        await Promise.race([released, sleep(RELEASE_LIMIT_MS, undefined, { ref: false })]);
      },
    };
  }

  /** Without a replica. */
  #masters(): readonly SpawnedServer[] {
    return this.#parts.cast.servers.slice(0, this.terms.masters);
  }

  /** Sooner when the experiment is over. */
  async #returnLater(trouble: Trouble, awayMs: number): Promise<void> {
    await sleep(awayMs, undefined, { signal: this.#waits.signal }).catch(() => undefined);
    await trouble.heal();
  }

  /** What the key holds on each master; null where it is not, undefined where the master does not say. */
  async #values(): Promise<readonly unknown[]> {
    const { key } = this.#parts;
    return await Promise.all(
      this.#masters().map(async (server) =>
        server.isRunning() ? await server.call('GET', key).catch(() => undefined) : null,
      ),
    );
  }

  /** k − (N − Q), k being the masters that have the key of this grant. */
  async #recordMargin(token: string): Promise<void> {
    const { masters, quorum } = this.terms;
    const values = await this.#values();
    const held = values.filter((value) => value === token).length;
    // A master does not say, or has something else there: this lock's token is not what it stores.
    if (values.includes(undefined) || (held === 0 && values.some((value) => value !== null))) return;
    const margin = Math.max(0, held - (masters - quorum));
    while (this.margins.length <= margin) this.margins.push(0);
    this.margins[margin] = (this.margins[margin] ?? 0) + 1;
  }

  #places({ client, master }: { readonly client: number | undefined; readonly master: number }): number[] {
    const clients = client === undefined ? range(1, this.#parts.clients) : [client];
    return clients.map((one) => linkIndex(one, master, this.terms.masters));
  }

  #server(master: number): SpawnedServer {
    const server = this.#parts.cast.servers[master - 1];
    if (server === undefined) throw new RangeError(`master: expected one of the experiment, got ${String(master)}`);
    return server;
  }

  #commit(act: Act, text: string, target: string): Promise<Trouble> {
    return this.#commitLabelled(act, { text, kind: text.split(' ', 1)[0] ?? text, target });
  }

  async #commitLabelled(act: Act, label: FaultLabel): Promise<Trouble> {
    return this.#keep(await inject(act, label, this.#timing));
  }

  #keep(injection: Injection): Trouble {
    this.#injections.push(injection);
    return {
      heal: async () => {
        await injection.heal();
      },
    };
  }
}

/** A failure that nobody awaits any more, because the experiment is over, must not end the process. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Says what went wrong, in one sentence with the time. */
export function describeFailure(thrown: unknown, epochNs: Ns): string {
  return `after ${formatNs(systemClock.nowNs() - epochNs)} it could not go on: ${toError(thrown).message}`;
}
