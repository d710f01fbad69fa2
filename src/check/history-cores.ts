/**
 * From what an operation tells to the cores that are compared.
 *
 * A hold has two cores. The outer one, from the return of its acquire to the instant at which it had left the witness, is
 * as long as its holder surely held, and contains its stay in the witness: two stays overlap only if the outer cores do.
 * The inner one, from the instant at which it had entered the witness to the one before it left, lies within that stay:
 * if two inner cores overlap, both holders stood in the witness at once.
 *
 * @module
 */
import { numberHolder } from '../model/holder.js';
import type { Operation } from '../model/operation.js';
import { msToNs, type Ns } from '../model/time.js';
import type { Hold } from './hold.js';

/** A hold that is used again for the next. */
export type ReusedHold = { -readonly [Key in keyof Hold]: Hold[Key] };

export function blankHold(): ReusedHold {
  return { keyIndex: 0, holder: 0, grantedNs: 0, releaseInvokedNs: 0, validUntilNs: 0 };
}

/** Until when an operation's lock promised to exclude others: as it said, or else for the ttl from its invocation. */
function promisedUntilNs({ validUntilNs, invokedNs }: Operation, ttlMs: number | undefined): Ns {
  return validUntilNs ?? (ttlMs === undefined ? -Infinity : invokedNs + msToNs(ttlMs));
}

/** The outer core of an operation that was acquired, with its promise. */
export function readOuterCore(operation: Operation, ttlMs: number | undefined, into: ReusedHold): Hold {
  const { worker, slot, keyIndex, returnedNs, releaseInvokedNs, leftNs } = operation;
  into.keyIndex = keyIndex;
  into.holder = numberHolder(worker, slot);
  into.grantedNs = returnedNs;
  into.releaseInvokedNs = leftNs ?? releaseInvokedNs ?? returnedNs;
  into.validUntilNs = promisedUntilNs(operation, ttlMs);
  return into;
}

/** The inner core of an operation that was acquired, which nothing but its end limits; undefined where nobody witnessed it. */
export function readInnerCore(operation: Operation, into: ReusedHold): Hold | undefined {
  const { worker, slot, keyIndex, enteredNs, releaseInvokedNs } = operation;
  if (enteredNs === undefined) return undefined;
  into.keyIndex = keyIndex;
  into.holder = numberHolder(worker, slot);
  into.grantedNs = enteredNs;
  into.releaseInvokedNs = releaseInvokedNs ?? enteredNs;
  into.validUntilNs = Infinity;
  return into;
}
