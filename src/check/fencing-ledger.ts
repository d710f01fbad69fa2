/**
 * The fencing ledger: a resource that is guarded by fences, beside one that is not, and the updates that each lost. Pure.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

/**
 * When a fence counts as seen. `writes-only` is what the literature describes for a storage, and too late for an update
 * that reads first: an older holder's write is still accepted between the newer one's read and its write.
 */
export type LedgerRule = 'first-touch' | 'writes-only';

/** A grant, as its holder told it before its first operation. */
export interface LedgerHold {
  /** Unique among all holds. */
  readonly hold: string;
  readonly keyIndex: number;
  /** Sorts as it counts; undefined: the hold has none, and only the unguarded object is its business. */
  readonly fence: string | undefined;
  readonly invokedNs: Ns;
  readonly returnedNs: Ns;
}

/** What was read: the version of each object. */
export interface LedgerRead {
  readonly plain: number;
  /** Undefined: refused, or no fence. */
  readonly fenced: number | undefined;
  readonly isRefused: boolean;
}

/** An update: what was read before, and one element more. Undefined where nothing was read. */
export interface LedgerWrite {
  readonly hold: string;
  /** Unique among all updates. */
  readonly update: string;
  readonly plain: number;
  readonly fenced: number | undefined;
}

export interface LedgerReport {
  /** Reads and writes that arrived; one that concerns both objects counts once. */
  readonly touches: number;
  /** Acknowledged updates that are missing from the unguarded objects. */
  readonly lostUpdates: number;
  /** The same of the guarded objects; null when no hold had a fence. */
  readonly fencedLostUpdates: number | null;
  /** Reads and writes that the guarded objects refused; null when no hold had a fence. */
  readonly rejected: number | null;
  /** What fences should have made impossible, one sentence each. At most 100. */
  readonly anomalies: readonly string[];
}

const MOST_ANOMALIES = 100;

/** The empty list, which every object is at first. */
const EMPTY = 0;

/**
 * Keeps two objects for each key and reports what became of them.
 *
 * An object is a list of update ids that grows by read-modify-write: whoever updates it reads the list and writes it
 * back with its own id added, so a write that was not built on the one before it destroys that one. This is Jepsen's
 * set test with a list for the set. A list is kept as a version that points to the one it was built on; a lost update is
 * an accepted version that the last one does not stand on.
 *
 * The plain object accepts everything. The fenced one keeps the highest fence that it has seen and refuses lower ones.
 * With `first-touch`, reads register as writes do. Then an accepted write W with fence f, built on a read R with f,
 * destroys nothing: an accepted write X between R and W has a fence of at least f, since R had registered f, and of at
 * most f, since W was accepted after it; so X is of the same holder, who has one update at a time.
 *
 * What it proves: the lost updates are real, since the resource itself gave the acknowledgements (P3, corruption of
 * the resource). What it does not prove: that two held the lock at once. A write that is late on the network corrupts
 * an object although every lock kept its promise, and an overlap whose holders read and wrote one after the other
 * loses nothing; those are P2 and P1, for other detectors. It is also silent about an update whose holder died before its write.
 *
 * Besides, it checks the fences: accepted ones never decrease, and the operations of one come without another's in
 * between; no two holds have the same; and a hold that was asked for after another was granted has a higher one.
 *
 * Sources: M. Kleppmann, "How to do distributed locking" (2016), for the fence, which it describes for writes; Jepsen for
 * "some operation" as the moment from which it counts, and for the set test.
 */
export class FencingLedger {
  readonly #rule: LedgerRule;
  readonly #objects = new Map<number, GuardedKey>();
  readonly #holds = new Map<string, LedgerHold>();
  readonly #updates = new Set<string>();
  readonly #anomalies: string[] = [];
  #touches = 0;
  #rejected = 0;

  constructor(rule: LedgerRule = 'first-touch') {
    this.#rule = rule;
  }

  /**
   * Makes a hold known; it has touched nothing yet.
   *
   * @throws RangeError for a hold that is known already
   */
  introduce(hold: LedgerHold): void {
    if (this.#holds.has(hold.hold)) throw new RangeError(`hold: expected a new one, got ${hold.hold} again`);
    this.#holds.set(hold.hold, hold);
  }

  /** @throws RangeError for an unknown hold */
  read(name: string): LedgerRead {
    const hold = this.#find(name);
    const { plain, fenced } = this.#keyOf(hold);
    this.#touches++;
    if (hold.fence === undefined) return { plain: plain.head, fenced: undefined, isRefused: false };
    if (!fenced.admit(hold.fence, this.#rule === 'first-touch')) return this.#refuse(plain.head);
    this.#watch(fenced, hold, hold.fence);
    return { plain: plain.head, fenced: fenced.head, isRefused: false };
  }

  /**
   * @returns whether the guarded object refused it; the plain one never does
   * @throws RangeError for an unknown hold, a version that never was, or an update that came before
   */
  write({ hold: name, update, plain: base, fenced: fencedBase }: LedgerWrite): { readonly isRefused: boolean } {
    const hold = this.#find(name);
    const { plain, fenced } = this.#keyOf(hold);
    if (this.#updates.has(update)) throw new RangeError(`update: expected a new one, got ${update} again`);
    plain.require(base);
    if (fencedBase !== undefined) fenced.require(fencedBase);
    this.#updates.add(update);
    this.#touches++;
    plain.append(base);
    // What could not be read cannot be written back: its refusal was counted with the read.
    if (hold.fence === undefined || fencedBase === undefined) return { isRefused: false };
    if (!fenced.admit(hold.fence, true)) {
      this.#rejected++;
      return { isRefused: true };
    }
    this.#watch(fenced, hold, hold.fence);
    fenced.append(fencedBase);
    return { isRefused: false };
  }

  report(): LedgerReport {
    const keys = [...this.#objects.values()];
    const isFenced = [...this.#holds.values()].some(({ fence }) => fence !== undefined);
    const lost = (objects: readonly VersionedList[]): number =>
      objects.reduce((sum, object) => sum + object.lostUpdates(), 0);
    const anomalies = [...this.#anomalies, ...findDuplicates(this.#holds.values()), ...findRegressions(this.#holds)];
    return {
      touches: this.#touches,
      lostUpdates: lost(keys.map(({ plain }) => plain)),
      fencedLostUpdates: isFenced ? lost(keys.map(({ fenced }) => fenced)) : null,
      rejected: isFenced ? this.#rejected : null,
      anomalies: anomalies.slice(0, MOST_ANOMALIES),
    };
  }

  #refuse(plain: number): LedgerRead {
    this.#rejected++;
    return { plain, fenced: undefined, isRefused: true };
  }

  /** Watches the guard from outside: it must not have accepted what it accepted if fences do what they promise. */
  #watch(fenced: GuardedList, { hold, keyIndex }: LedgerHold, fence: string): void {
    const { isLower, isInterleaved, previous } = fenced.accepted(fence);
    const key = `key ${String(keyIndex)}`;
    if (isLower) this.#note(`${key}: fence ${fence} of ${hold} was accepted after the higher ${previous}`);
    if (isInterleaved) this.#note(`${key}: fence ${fence} of ${hold} came back after operations of ${previous}`);
  }

  #note(anomaly: string): void {
    if (this.#anomalies.length < MOST_ANOMALIES) this.#anomalies.push(anomaly);
  }

  #find(name: string): LedgerHold {
    const hold = this.#holds.get(name);
    if (hold === undefined) throw new RangeError(`hold: expected one that was introduced, got ${name}`);
    return hold;
  }

  #keyOf({ keyIndex }: LedgerHold): GuardedKey {
    let key = this.#objects.get(keyIndex);
    if (key === undefined) {
      key = { plain: new VersionedList(), fenced: new GuardedList() };
      this.#objects.set(keyIndex, key);
    }
    return key;
  }
}

interface GuardedKey {
  readonly plain: VersionedList;
  readonly fenced: GuardedList;
}

/** A list that is written whole: each version is the one it was built on and one update more. */
class VersionedList {
  /** The version below each, from version 1 on. */
  readonly #bases: number[] = [];

  /** The last version that was written. */
  get head(): number {
    return this.#bases.length;
  }

  require(version: number): void {
    if (Number.isInteger(version) && version >= EMPTY && version <= this.head) return;
    throw new RangeError(`version: expected one up to ${String(this.head)}, got ${String(version)}`);
  }

  append(base: number): void {
    this.#bases.push(base);
  }

  /** Versions that the last one does not stand on. */
  lostUpdates(): number {
    let kept = 0;
    for (let version = this.head; version !== EMPTY; version = this.#bases[version - 1] ?? EMPTY) kept++;
    return this.head - kept;
  }
}

class GuardedList extends VersionedList {
  /** What the guard goes by. */
  #registered: string | undefined;
  /** What was accepted, kept apart from the guard so that a mutant of it is seen. */
  readonly #seen = new Set<string>();
  #last: string | undefined;
  #highest: string | undefined;

  /** Whether an operation with this fence may go on; it registers the fence where its kind does. */
  admit(fence: string, registers: boolean): boolean {
    if (this.#registered !== undefined && fence < this.#registered) return false;
    if (registers) this.#registered = fence;
    return true;
  }

  accepted(fence: string): { isLower: boolean; isInterleaved: boolean; previous: string } {
    const previous = this.#last ?? fence;
    const isLower = this.#highest !== undefined && fence < this.#highest;
    const isInterleaved = fence !== previous && this.#seen.has(fence);
    this.#seen.add(fence);
    this.#last = fence;
    if (!isLower) this.#highest = fence;
    return { isLower, isInterleaved, previous: isLower ? (this.#highest ?? previous) : previous };
  }
}

type Fenced = LedgerHold & { readonly fence: string };

const isFenced = (hold: LedgerHold): hold is Fenced => hold.fence !== undefined;

/** Two holds of a key with one fence: the resource cannot tell them apart. */
function findDuplicates(holds: Iterable<LedgerHold>): string[] {
  const owners = new Map<string, string>();
  const found: string[] = [];
  for (const { hold, keyIndex, fence } of [...holds].filter(isFenced)) {
    const place = `${String(keyIndex)} ${fence}`;
    const owner = owners.get(place);
    if (owner !== undefined) found.push(`key ${String(keyIndex)}: ${owner} and ${hold} have the same fence ${fence}`);
    else owners.set(place, hold);
  }
  return found;
}

/**
 * Holds that were asked for after another of their key had been granted, with a lower fence than it; each once, with
 * the highest of those. A sweep in the order of the requests, beside it one in the order of the grants.
 */
function findRegressions(holds: ReadonlyMap<string, LedgerHold>): string[] {
  const byKey = new Map<number, Fenced[]>();
  for (const hold of [...holds.values()].filter(isFenced)) {
    const ofKey = byKey.get(hold.keyIndex);
    if (ofKey === undefined) byKey.set(hold.keyIndex, [hold]);
    else ofKey.push(hold);
  }
  return [...byKey.values()].flatMap(findRegressionsOfKey);
}

function findRegressionsOfKey(holds: readonly Fenced[]): string[] {
  const asked = [...holds].sort((a, b) => a.invokedNs - b.invokedNs);
  const granted = [...holds].sort((a, b) => a.returnedNs - b.returnedNs);
  const found: string[] = [];
  let next = 0;
  let highest: Fenced | undefined;
  for (const hold of asked) {
    for (let one = granted[next]; one !== undefined && one.returnedNs < hold.invokedNs; one = granted[++next]) {
      if (highest === undefined || one.fence > highest.fence) highest = one;
    }
    if (highest !== undefined && hold.fence < highest.fence) {
      found.push(
        `key ${String(hold.keyIndex)}: ${hold.hold} has fence ${hold.fence}, lower than ${highest.fence} of ${highest.hold}, which was granted before it was asked for`,
      );
    }
  }
  return found;
}
