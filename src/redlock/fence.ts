/**
 * Fences: the tokens by which a resource tells a later holder of its lock from an earlier one. Pure.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/**
 * A fencing token: the counter decides, and the owner between two of one counter. Only the whole pair is unique and
 * increasing; a resource that compares counters alone takes two holders for one.
 */
export interface Fence {
  /** A whole number from 1 to 2^53 − 1. */
  readonly counter: number;
  /** Unique to the grant: 20 hexadecimal digits. */
  readonly owner: string;
}

const COUNTER_DIGITS = 16;
const OWNER_DIGITS = 20;
const FORM = /^(\d{16}):([0-9a-f]+)$/;

/** Below 0 when `a` is the earlier fence, above 0 when it is the later one, 0 when they are the same. */
export function compareFences(a: Fence, b: Fence): number {
  if (a.counter !== b.counter) return a.counter - b.counter;
  if (a.owner === b.owner) return 0;
  return a.owner < b.owner ? -1 : 1;
}

/**
 * The fence as a text of 37 characters that sorts as the fence does, such as for a column of a database.
 *
 * The counter is padded to the 16 digits of 2^53 − 1. With nothing but digits, lower-case a to f and a colon at a fixed
 * place it sorts the same byte by byte and by a locale's or a case-blind collation.
 */
export function formatFence({ counter, owner }: Fence): string {
  return `${String(counter).padStart(COUNTER_DIGITS, '0')}:${owner}`;
}

/** Reads the text form; undefined for anything else. */
export function parseFence(text: string): Fence | undefined {
  const [, digits, owner] = FORM.exec(text) ?? [];
  const counter = Number(digits);
  return owner === undefined || !Number.isSafeInteger(counter) ? undefined : { counter, owner };
}

/**
 * The owner for a lock's token: 80 bits of its SHA-256, in hexadecimal, which tell any two grants apart whatever their
 * tokens have in common. A hash, because fences are shown to resources, and who has the token can release the lock.
 */
export function ownerOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, OWNER_DIGITS);
}

/** The fence to try after the highest one seen, or undefined when the counter has no next value. */
export function nextFence(highest: Fence | undefined, owner: string): Fence | undefined {
  const counter = (highest?.counter ?? 0) + 1;
  return Number.isSafeInteger(counter) ? { counter, owner } : undefined;
}

/** The later of two fences, either of which may be missing. */
export function laterFence(a: Fence | undefined, b: Fence | undefined): Fence | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareFences(a, b) < 0 ? b : a;
}
