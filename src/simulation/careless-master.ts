/**
 * What a client without one of its rules would send and believe, brought about below the real client: it keeps all of
 * its rules, and is told something else.
 *
 * @module
 */
import { GRANTED, type Ballot } from '../redlock/master.js';
import { SimulatedMaster, type ConnectionParts } from './simulated-master.js';

export interface Manners {
  /** SET without NX. */
  readonly overwrites: boolean;
  /** DEL in the place of compare-and-delete. */
  readonly deletesAny: boolean;
  /** How many votes against each attempt are told as votes for it: by so much the quorum is too small. */
  readonly favours: number;
  /** Whether it looks at its clock again when it was granted something. */
  readonly checksValidity: boolean;
  /** Whether its caller relies on a grant that has no validity left. */
  readonly trustsExpired: boolean;
  /** Whether its validity is shorter than the ttl. */
  readonly allowsDrift: boolean;
}

export const POLITE: Manners = {
  overwrites: false,
  deletesAny: false,
  favours: 0,
  checksValidity: true,
  trustsExpired: false,
  allowsDrift: true,
};

/** As the client has it by default. */
export const DRIFT_FACTOR = 0.01;
/** The part of the drift allowance that does not depend on the ttl. */
const EXPIRY_RESOLUTION_MS = 2;
/** So much more validity no schedule uses up. */
const ALWAYS_VALID_MS = 60_000;

/** How the client is made to go without the allowance for clocks, or the check, that it cannot be told to go without. */
export interface TtlLie {
  readonly driftFactor: number;
  /** How much longer it takes the ttl to be than the masters are told. */
  readonly surplusMs: number;
  /** By how much the validity that it gives is too long for that, other than was meant. */
  readonly excessMs: number;
}

export function lieFor({ checksValidity, allowsDrift }: Manners): TtlLie {
  const driftFactor = allowsDrift ? DRIFT_FACTOR : 0;
  const disarmingMs = checksValidity ? 0 : ALWAYS_VALID_MS;
  return {
    driftFactor,
    surplusMs: disarmingMs + (allowsDrift ? 0 : EXPIRY_RESOLUTION_MS),
    excessMs: disarmingMs * (1 - driftFactor),
  };
}

/** Counts the favours that each attempt was done, for all masters; attempts are nobody's but their client's. */
export type Favours = Map<Ballot, number>;

export interface Carelessness {
  readonly manners: Manners;
  readonly surplusMs: number;
  readonly favours: Favours;
  /** Told when the server is about to delete whoever's key it has. */
  readonly onDelete: () => void;
}

export class CarelessMaster extends SimulatedMaster {
  readonly #manners: Manners;
  readonly #surplusMs: number;
  readonly #favours: Favours;
  readonly #onDelete: () => void;

  constructor(parts: ConnectionParts, { manners, surplusMs, favours, onDelete }: Carelessness) {
    super(parts);
    this.#manners = manners;
    this.#surplusMs = surplusMs;
    this.#favours = favours;
    this.#onDelete = onDelete;
  }

  override setIfAbsent(resources: readonly string[], token: string, toldMs: number, ballot: Ballot): void {
    const ttlMs = toldMs - this.#surplusMs;
    if (!this.#manners.overwrites) super.setIfAbsent(resources, token, ttlMs, this.#favour(ballot));
    else this.ask(this.#favour(ballot), () => this.server.set(resources, token, ttlMs));
  }

  override compareAndExpire(resources: readonly string[], token: string, toldMs: number, ballot: Ballot): void {
    super.compareAndExpire(resources, token, toldMs - this.#surplusMs, this.#favour(ballot));
  }

  override compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void {
    if (!this.#manners.deletesAny) super.compareAndDelete(resources, token, ballot);
    else {
      this.ask(ballot, () => {
        this.#onDelete();
        return this.server.delete(resources);
      });
    }
  }

  /** Tells the first votes against an attempt as votes for it. */
  #favour(ballot: Ballot): Ballot {
    const { favours } = this.#manners;
    if (favours === 0) return ballot;
    const done = this.#favours;
    return {
      get isOpen() {
        return ballot.isOpen;
      },
      vote(master, vote) {
        const before = done.get(ballot) ?? 0;
        const isFavoured = vote.kind !== 'granted' && before < favours;
        if (isFavoured) done.set(ballot, before + 1);
        ballot.vote(master, isFavoured ? GRANTED : vote);
      },
    };
  }
}
