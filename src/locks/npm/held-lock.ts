/**
 * A lock that an npm library granted.
 *
 * @module
 */
import { UsageError } from '../../model/errors.js';
import { msToNs, wallClockMs, type Clock, type Ns } from '../../model/time.js';
import type { HeldLock } from '../lock-client.js';

/** Carries what the library wants back for the release; what that is, only the library's own file knows. */
export class NpmHeldLock<Handle = unknown> implements HeldLock {
  readonly resources: readonly string[];
  readonly token: string;
  readonly validUntilNs: Ns | undefined;
  readonly expiresAtMs: number | undefined;
  readonly handle: Handle;

  constructor(
    resources: readonly string[],
    token: string,
    validUntilNs: Ns | undefined,
    handle: Handle,
    expiresAtMs?: number,
  ) {
    this.resources = resources;
    this.token = token;
    this.validUntilNs = validUntilNs;
    this.expiresAtMs = expiresAtMs;
    this.handle = handle;
  }
}

/** A lock whose library states the end of its promise on the wall clock; made right after the grant. */
export function heldUntil<Handle>(
  resources: readonly string[],
  token: string,
  expiresAtMs: number,
  clock: Clock,
  handle: Handle,
): NpmHeldLock<Handle> {
  return new NpmHeldLock(resources, token, fromWallClock(expiresAtMs, clock), handle, expiresAtMs);
}

/** @throws UsageError for a lock that no npm library granted */
export function requireNpmHeldLock(lock: HeldLock): NpmHeldLock {
  if (lock instanceof NpmHeldLock) return lock;
  throw new UsageError([`lock: expected one that this client granted, got another on ${lock.resources.join(', ')}`]);
}

/**
 * That end on the monotonic clock: read at once, so that a step of the wall clock has no time to come between; a
 * millisecond less, because `Date.now()` has dropped up to one.
 */
function fromWallClock(expiresAtMs: number, clock: Clock): Ns {
  return clock.nowNs() + msToNs(expiresAtMs - wallClockMs() - 1);
}

/** @throws UsageError for more than one resource, which most libraries cannot lock together */
export function requireOneResource(resources: readonly string[]): string {
  const [resource, another] = resources;
  if (resource !== undefined && another === undefined) return resource;
  throw new UsageError([
    `resources: expected one, got ${String(resources.length)}; the library locks one key at a time`,
  ]);
}
