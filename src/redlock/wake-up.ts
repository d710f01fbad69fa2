/**
 * Wake-up: a contender does not sleep blindly until a lock is free, it is told.
 *
 * Who holds a lock also holds the queue for it. A contender that was refused asks every master, by one script, who owns
 * the key, and publishes a `want` to that client. Its release is followed, in the same write on every connection, by a
 * `turn` for the first client in the queue, which carries the rest of the queue along. So exactly one contender comes
 * when a lock becomes free, in the order of arrival across clients and hosts (kin excepted, see below), and a lock that
 * nobody else wants costs no message at all. Within a client the next waiter's acquire leaves in the same write as the release.
 * The idea is that of the queue lock of Mellor-Crummey and Scott (1991), with messages for its pointers.
 *
 * Everything here is a hint. Whoever is told still has to win a quorum, so a wrong or repeated message costs an attempt
 * and never exclusion. Whoever is told nothing (a lost message, a holder that died, one that does not listen) tries again
 * by itself after at most `LONGEST_WAIT_MS`, and after the usual back-off where nobody was found who would tell it.
 *
 * A turn counts when a quorum of masters has delivered it: each copy follows its master's deletion, so a quorum is free.
 *
 * The clients of one thread and one clock are kin. They tell each other directly, so that the next acquire is written right behind the
 * release, and they go before the others for up to `MOST_KIN_TURNS` turns: waking another thread takes longer. The bound
 * keeps it fair ("lock cohorting": Dice, Marathe and Shavit, 2012). On a master that reads the acquire first, which is
 * another connection, the acquire is refused, and made again.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';
import type { Random } from '../model/random.js';
import { msToNs, nsToMs, type Clock, type Ns } from '../model/time.js';
import type { Master, ScriptReply } from './master.js';
import { ANNOUNCE } from './scripts.js';
import type { Wait } from './waiting-room.js';
import { countCopy, enlist, newLine, Place, putFirst, takeNext, type Line } from './wake-up-line.js';
import { CHANNEL_PREFIX, drawClientId, readMessage, writeMessage, type WakeUpMessage } from './wake-up-message.js';

/** The longest that a contender trusts in being told, before it looks for itself; at least half of it, at random. */
const LONGEST_WAIT_MS = 250;
/** How long one client may pass a lock among its own waiters without a pause for those who do not queue. */
const LONGEST_RUN_MS = 1_000;
/** The longest such pause, which is drawn at random: as long as the longest back-off of a client that polls. */
const LONGEST_PAUSE_MS = 50;
/** A waiter who was told so often that it is its turn, and found the lock held, backs off once before it asks again. */
const MOST_VAIN_TURNS = 3;

/** What a client needs to take part. */
export interface WakeUpParts {
  readonly masters: readonly Master[];
  readonly clock: Clock;
  readonly random: Random;
}

/** A lock, as far as waiting for it goes. */
interface Holding {
  readonly token: string;
  readonly validUntilNs: Ns;
}

type Kin = Map<string, WakeUp>;

/** The clients of this thread, by their clocks and then by their ids: who has another clock is elsewhere, as in a simulation. */
// Clients are made one by one and have no owner in common but their thread; a clock that goes takes its kin with it.
// eslint-disable-next-line no-restricted-syntax
const kinByClock = new WeakMap<Clock, Kin>();

function kinOf(clock: Clock): Kin {
  const known = kinByClock.get(clock);
  if (known !== undefined) return known;
  const kin: Kin = new Map();
  kinByClock.set(clock, kin);
  return kin;
}

/** The part of one client in the queues of all the locks that it wants or holds. */
export class WakeUp {
  /** Begins each token of this client, so that contenders find it. */
  readonly clientId = drawClientId();
  readonly #kin: Kin;
  readonly #masters: readonly Master[];
  readonly #quorum: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lines = new Map<string, Line>();
  /** The resources we hold, by locks whose validity may still move. */
  readonly #held = new Map<string, Holding>();
  #sweepAtSize = 1_024;
  #notices = 0;

  constructor({ masters, clock, random }: WakeUpParts) {
    this.#masters = masters;
    this.#quorum = quorumOf(masters.length);
    this.#clock = clock;
    this.#random = random;
    this.#kin = kinOf(clock);
    this.#kin.set(this.clientId, this);
    const channel = CHANNEL_PREFIX + this.clientId;
    masters.forEach((master) => {
      master.subscribe(channel, (text) => {
        const message = readMessage(text);
        if (message?.kind === 'turn') this.#takeTurn(message);
        // Later: the vote that makes us the holder may have come in the same read, just before, and is still to be told.
        else if (message?.kind === 'want') setImmediate(() => this.#serve(message, master));
      });
    });
  }

  /** Whether an attempt would be in vain, because we hold it, queue for it, or have just passed it on. */
  isTaken(resource: string): boolean {
    const line = this.#lines.get(resource);
    return this.#holds(resource) || (line !== undefined && (line.places.length > 0 || this.#hasSuccessor(line)));
  }

  /** Goes to the end of the line, to wait there until `giveUpNs` at the latest. */
  join(resource: string, giveUpNs: Ns): Place {
    const line = this.#openLine(resource);
    const place = new Place(line, giveUpNs);
    line.places.push(place);
    if (this.#holds(resource)) enlist(line, [this.clientId]);
    return place;
  }

  /**
   * Begins a wait. The head asks the holder to be told, and its wait, `backoffMs` long, is prolonged once it knows that
   * somebody will; the others wait until they are called, or are the head.
   *
   * @param wasFree whether a vote of the last attempt was for us: then nobody may hold it, and only time parts rivals
   */
  await(place: Place, wait: Wait, wasFree: boolean): void {
    place.wait = wait;
    const { line } = place;
    const { resource, successor } = line;
    if (!place.isHead || this.#holds(resource)) this.#trust(place);
    else if (place.vainTurns >= MOST_VAIN_TURNS) place.vainTurns = 0;
    else if (!this.#canHear()) return;
    else if (this.#clock.nowNs() < place.toldUntilNs) this.#trust(place);
    else if (successor !== undefined && this.#hasSuccessor(line)) this.#follow(place, successor);
    else this.#announce(place, wait, wasFree);
  }

  /** Leaves the line. With the lock: the next ones wait for its release. Without: the turn goes to the next one. */
  leave(place: Place, isHolder: boolean): void {
    const { line } = place;
    const wasHead = place.isHead;
    line.places.splice(line.places.indexOf(place), 1);
    const next = line.places[0];
    if (isHolder) {
      if (next !== undefined) {
        enlist(line, [this.clientId]);
        this.#trust(next);
      }
    } else if (next !== undefined) {
      if (wasHead) this.#call(next, place.isCalled);
    } else if (!this.#holds(line.resource)) this.#giveTurn(line);
    this.#tidy(line);
  }

  /** Notes a grant, before anybody else of this client learns of it. */
  hold(resources: readonly string[], holding: Holding): void {
    for (const resource of resources) this.#held.set(resource, holding);
    if (this.#held.size > this.#sweepAtSize) this.#sweep();
  }

  /** Passes released resources on; called when the deletion has been written, in the same tick. */
  release(resources: readonly string[], token: string): void {
    for (const resource of resources) {
      const holding = this.#held.get(resource);
      // An old lock is released late: the queue is that of the one we hold by now.
      if (holding !== undefined && holding.token !== token) continue;
      this.#held.delete(resource);
      const line = this.#lines.get(resource);
      if (line === undefined) continue;
      this.#giveTurn(line);
      this.#tidy(line);
    }
  }

  /** Takes part no longer; whoever waits behind us gets the turn, unless a lock of ours is left to its ttl. */
  close(): void {
    this.#kin.delete(this.clientId);
    for (const line of [...this.#lines.values()]) {
      line.comesBack = false;
      if (line.clients.length > 0 && !this.#holds(line.resource)) this.#giveTurn(line);
    }
  }

  /** Gives the turn to whoever comes next. */
  #giveTurn(line: Line): void {
    const next = takeNext(line, this.clientId, (client) => this.#kin.has(client));
    const head = line.places[0];
    if (next === undefined) {
      line.comesBack = false;
      line.runStartNs = undefined;
    } else if (next === this.clientId && head !== undefined) {
      if (line.places.length > 1) enlist(line, [this.clientId]);
      this.#callHead(line, head);
    } else {
      const relative = this.#kin.get(next);
      // One that has lost its masters would keep the queue to itself.
      if (relative !== undefined && relative.#canHear()) {
        relative.#accept(line.resource, this.#leaveTo(line, next), line.kinTurns, line.runStartNs);
      } else this.#handOver(line, next);
    }
  }

  /**
   * Those who do not queue (clients that poll, other libraries) find no gap while a lock goes from one waiter of this
   * thread to the next. So now and then there is one: the head is not called, but waits for a moment.
   */
  #callHead(line: Line, head: Place): void {
    const nowNs = this.#clock.nowNs();
    line.runStartNs ??= nowNs;
    if (nowNs - line.runStartNs < msToNs(LONGEST_RUN_MS)) this.#call(head, true);
    else {
      line.runStartNs = undefined;
      head.wait?.last(this.#random.next() * LONGEST_PAUSE_MS);
    }
  }

  #call(place: Place, isTurn: boolean): void {
    place.isCalled = isTurn;
    place.toldUntilNs = 0;
    place.wait?.end();
  }

  /** Lets the successor have the line, and goes to its end; returns the clients after it. */
  #leaveTo(line: Line, successor: string): readonly string[] {
    // A place is kept for whoever mostly comes back at once: then that costs no message, and if not, one to pass it on.
    line.isReserved = line.places.length > 0 || line.comesBack;
    if (line.isReserved) enlist(line, [this.clientId]);
    const { clients } = line;
    line.clients = [];
    line.successor = successor;
    line.successorUntilNs = this.#clock.nowNs() + msToNs(LONGEST_WAIT_MS);
    if (line.places[0] !== undefined) this.#trust(line.places[0]);
    return clients;
  }

  /** Publishes the turn on every master, right behind the deletion. Who has no receiver at a quorum is gone. */
  #handOver(line: Line, successor: string): void {
    const { resource } = line;
    line.runStartNs = undefined;
    const clients = this.#leaveTo(line, successor);
    const message = writeMessage({ kind: 'turn', notice: this.#nextNotice(), clients, resource });
    let deaf = 0;
    const onReply = (receivers: number): void => {
      if (receivers > 0 || ++deaf !== this.#masters.length - this.#quorum + 1) return;
      if (line.successor !== successor || this.#holds(resource)) return;
      line.successor = undefined;
      putFirst(line, clients);
      this.#giveTurn(line);
      this.#tidy(line);
    };
    for (const master of this.#masters) master.publish(CHANNEL_PREFIX + successor, message, onReply);
  }

  /** Asks on every master who owns the key, and that owner to be told of its release. */
  #announce(place: Place, wait: Wait, wasFree: boolean): void {
    const { line } = place;
    const { resource } = line;
    const clients = [this.clientId, ...line.clients.filter((client) => client !== this.clientId)];
    const message = writeMessage({ kind: 'want', notice: this.#nextNotice(), clients, resource });
    const told = new Map<string, number>();
    let free = 0;
    const onReply = (reply: ScriptReply): void => {
      if (reply === null) free++;
      else if (typeof reply === 'string') told.set(reply, (told.get(reply) ?? 0) + 1);
      if (!place.isHead || place.isCalled) return;
      if (typeof reply === 'string' && told.get(reply) === this.#quorum) {
        // Our own key, whose validity is over: nobody will release it.
        if (reply === this.clientId && !this.#holds(resource)) return;
        line.clients = line.clients.filter((client) => !clients.includes(client));
        // The back-off may be over and an attempt under way: the next wait will know.
        place.toldUntilNs = this.#clock.nowNs() + msToNs(LONGEST_WAIT_MS / 2);
        this.#trust(place);
      } else if (reply === null && free === this.#quorum && !wasFree && place.wait === wait) this.#call(place, true);
    };
    for (const master of this.#masters) master.evaluate(ANNOUNCE, [resource], [CHANNEL_PREFIX, message], onReply);
  }

  /** Stands in the queue of the client that has just had the turn from us. */
  #follow(place: Place, successor: string): void {
    this.#trust(place);
    const { line } = place;
    if (line.isReserved) return;
    line.isReserved = true;
    line.comesBack = true;
    const { resource } = line;
    const message = writeMessage({ kind: 'want', notice: this.#nextNotice(), clients: [this.clientId], resource });
    for (const master of this.#masters) master.publish(CHANNEL_PREFIX + successor, message, () => undefined);
  }

  /** Another client wants to be told. Whoever neither holds nor queues sends it on, or tells it to come at once. */
  #serve(message: WakeUpMessage, master: Master): void {
    const { resource, notice, clients } = message;
    const line = this.#lines.get(resource);
    if (this.#holds(resource) || (line !== undefined && line.places.length > 0)) {
      enlist(this.#openLine(resource), clients);
      return;
    }
    const [first, ...rest] = clients.filter((client) => client !== this.clientId);
    if (first === undefined) return;
    const successor = line !== undefined && this.#hasSuccessor(line) ? line.successor : undefined;
    // Answered on the master that it came by, so that the copies still tell how many masters are free.
    if (successor !== undefined && successor !== first) {
      master.publish(CHANNEL_PREFIX + successor, writeMessage(message), () => undefined);
    } else {
      const turn = writeMessage({ kind: 'turn', notice, clients: rest, resource });
      master.publish(CHANNEL_PREFIX + first, turn, () => undefined);
    }
  }

  #takeTurn({ resource, notice, clients }: WakeUpMessage): void {
    const line = this.#openLine(resource);
    if (countCopy(line, notice, this.#masters.length) === this.#quorum) this.#accept(resource, clients, 0, undefined);
    this.#tidy(line);
  }

  /** It is our turn, and then that of these clients. */
  #accept(resource: string, clients: readonly string[], kinTurns: number, runStartNs: Ns | undefined): void {
    const line = this.#openLine(resource);
    line.successor = undefined;
    // Those who were sent along came before those who have told us since.
    putFirst(line, clients);
    if (!this.#holds(resource)) {
      line.kinTurns = kinTurns;
      line.runStartNs = runStartNs;
      const head = line.places[0];
      if (head !== undefined) this.#callHead(line, head);
      else {
        // Nobody came back: no place is kept again, or clients without waiters would pass it round for ever.
        line.comesBack = false;
        this.#giveTurn(line);
      }
    }
    this.#tidy(line);
  }

  /** A quorum of masters can deliver to us. */
  #canHear(): boolean {
    let subscribed = 0;
    for (const master of this.#masters) if (master.isSubscribed) subscribed++;
    return subscribed >= this.#quorum;
  }

  #holds(resource: string): boolean {
    const holding = this.#held.get(resource);
    return holding !== undefined && holding.validUntilNs > this.#clock.nowNs();
  }

  #hasSuccessor(line: Line): boolean {
    return line.successor !== undefined && this.#clock.nowNs() < line.successorUntilNs;
  }

  /** Lets a wait last, because somebody will end it: the holder if the place is the head, else whoever is before it. */
  #trust(place: Place): void {
    const remainingMs = nsToMs(place.giveUpNs - this.#clock.nowNs());
    const longestMs = (LONGEST_WAIT_MS / 2) * (1 + this.#random.next());
    place.wait?.last(place.isHead ? Math.min(longestMs, remainingMs) : remainingMs);
  }

  #nextNotice(): string {
    return `${this.clientId}.${String(++this.#notices)}`;
  }

  #openLine(resource: string): Line {
    let line = this.#lines.get(resource);
    if (line === undefined) {
      if (this.#lines.size >= this.#sweepAtSize) this.#sweep();
      line = newLine(resource);
      this.#lines.set(resource, line);
    }
    return line;
  }

  /** Forgets a line that says nothing. One with a successor, or with copies to come, is swept later. */
  #tidy(line: Line): void {
    const isEmpty = line.places.length === 0 && line.clients.length === 0;
    const isDelivered = line.copies.size === 0;
    if (isEmpty && isDelivered && !this.#hasSuccessor(line)) this.#lines.delete(line.resource);
  }

  /** Forgets locks that were left to their ttl and successors of long ago; seldom enough to cost nothing on average. */
  #sweep(): void {
    const nowNs = this.#clock.nowNs();
    for (const [resource, { validUntilNs }] of this.#held) if (validUntilNs <= nowNs) this.#held.delete(resource);
    for (const line of this.#lines.values()) {
      const isIdle = line.places.length === 0 && !this.#holds(line.resource) && !this.#hasSuccessor(line);
      if (isIdle) this.#lines.delete(line.resource);
    }
    this.#sweepAtSize = Math.max(1_024, 2 * Math.max(this.#held.size, this.#lines.size));
  }
}
