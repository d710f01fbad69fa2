/**
 * What an npm library is described by, and what it is driven through.
 *
 * @module
 */
import type { AcquireOutcome, Capabilities, ExtendOutcome, LockContext, ReleaseOutcome } from '../lock-client.js';
import type { NpmHeldLock } from './held-lock.js';
import type { PackageWish } from './package.js';

/** `own`: the library's own retry settings. `equal`: those of the scenario, as far as its options allow. */
export type Profile = 'own' | 'equal';

/** One published library, or one lock of it. */
export interface NpmLibrary {
  /** As it is asked for: `npm:redlock@4`. */
  readonly name: string;
  readonly package: PackageWish;
  /** The version that was measured here, and that is proposed to whoever has none. */
  readonly testedVersion: string;
  /** The client that the user must have, too, because ours does not suit the library. */
  readonly client?: PackageWish & { readonly testedVersion: string };
  /** How it locks: the beginning of the description. */
  readonly does: string;
  /** How it retries in either profile, and what could not be equalised. */
  readonly retries: Readonly<Record<Profile, string>>;
  readonly capabilities: Capabilities;
  readonly flaw?: string;
  /** As in LockAdapter. */
  readonly keyOf?: (resource: string) => string;
  open(opening: Opening): Promise<Driven>;
}

export interface Opening {
  /** What loading the library gave. */
  readonly library: unknown;
  /** What loading its client gave; undefined where it takes ours. */
  readonly client: unknown;
  readonly context: LockContext;
  readonly profile: Profile;
}

/** A connected library. What it throws unexpectedly counts as indeterminate. */
export interface Driven {
  /** `ttlMs` is whole. The signal ends the waiting of libraries that know signals; the others are left waiting. */
  acquire(resources: readonly string[], ttlMs: number, signal: AbortSignal): Promise<AcquireOutcome>;
  release(lock: NpmHeldLock): Promise<ReleaseOutcome>;
  extend?(lock: NpmHeldLock, ttlMs: number): Promise<ExtendOutcome>;
  close(): Promise<void>;
}
