/**
 * The line for one resource, as one client knows it: who waits here, which clients come after, and whose turn is next.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Wait } from './waiting-room.js';

/** A queue beyond this many clients is cut: the rest look for themselves. */
const MOST_CLIENTS = 1_000;
/** How many turns may be on their way to one client for one resource, before the oldest is forgotten. */
const MOST_COUNTED_TURNS = 8;
/** How often in a row a lock may go to a client of the same thread while others wait. */
const MOST_KIN_TURNS = 4;

/** One waiter's place in the line of a resource. */
export class Place {
  readonly line: Line;
  readonly giveUpNs: Ns;
  /** The wait between two attempts, while there is one. */
  wait: Wait | undefined;
  /** A turn that was given to this place and not yet used. */
  isCalled = false;
  /** Until when somebody is known to end its wait. */
  toldUntilNs: Ns = 0;
  /** Turns that were used and brought no lock. */
  vainTurns = 0;

  constructor(line: Line, giveUpNs: Ns) {
    this.line = line;
    this.giveUpNs = giveUpNs;
  }

  /** Whether this waiter competes for its client; the others stand behind it. */
  get isHead(): boolean {
    return this.line.places[0] === this;
  }
}

/** The contenders for one resource, as far as this client knows them. */
export interface Line {
  readonly resource: string;
  /** Our own waiters, in the order of their arrival. */
  readonly places: Place[];
  /** The clients that are to have the lock after us, in this order; we ourselves among them while others wait, too. */
  clients: string[];
  /** Whom we gave the turn, and until when we believe that it is using it. */
  successor: string | undefined;
  successorUntilNs: Ns;
  /** Whether we stand in the queue that the successor has. */
  isReserved: boolean;
  /** Whether we wanted it again soon after we passed it on: then we are likely to do so again. */
  comesBack: boolean;
  /** The turns that are being delivered to us, and by how many masters each. */
  readonly copies: Map<string, number>;
  /** How often in a row it has gone to a client of this thread. */
  kinTurns: number;
  /** Since when the lock has been going from one waiter of this thread to the next. */
  runStartNs: Ns | undefined;
}

/** A line in which nobody stands. */
export function newLine(resource: string): Line {
  return {
    resource,
    places: [],
    clients: [],
    successor: undefined,
    successorUntilNs: 0,
    isReserved: false,
    comesBack: false,
    copies: new Map(),
    kinTurns: 0,
    runStartNs: undefined,
  };
}

/** Puts clients at the end, those who are there already excepted. */
export function enlist(line: Line, clients: readonly string[]): void {
  for (const client of clients) {
    if (line.clients.length >= MOST_CLIENTS) return;
    if (!line.clients.includes(client)) line.clients.push(client);
  }
}

/** Puts clients before those who are there already. */
export function putFirst(line: Line, clients: readonly string[]): void {
  const known = line.clients;
  line.clients = [];
  enlist(line, clients);
  enlist(line, known);
}

/**
 * Takes the next client out of the line: kin first, but not for ever.
 *
 * @param self stands in the line while it has waiters of its own
 */
export function takeNext(line: Line, self: string, isKin: (client: string) => boolean): string | undefined {
  const { clients, places } = line;
  if (places.length === 0) remove(clients, self);
  else enlist(line, [self]);
  const isKinsTurn = line.kinTurns < MOST_KIN_TURNS;
  const preferred = clients.findIndex((client) => isKin(client) === isKinsTurn);
  const [next] = clients.splice(Math.max(0, preferred), 1);
  line.kinTurns = next !== undefined && isKin(next) ? line.kinTurns + 1 : 0;
  return next;
}

/** Counts a copy of a turn, and gives how many masters have delivered it; the last copy, or a flood of others, ends the count. */
export function countCopy({ copies }: Line, notice: string, masters: number): number {
  const delivered = (copies.get(notice) ?? 0) + 1;
  if (delivered < masters) copies.set(notice, delivered);
  else copies.delete(notice);
  // Of a turn that some masters never deliver the count would stay.
  const [oldest] = copies.keys();
  if (oldest !== undefined && copies.size > MOST_COUNTED_TURNS) copies.delete(oldest);
  return delivered;
}

function remove(list: string[], item: string): void {
  const index = list.indexOf(item);
  if (index !== -1) list.splice(index, 1);
}
