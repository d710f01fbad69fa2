/**
 * What npm libraries do not do of what the conformance suite asks, by kind.
 *
 * @module
 */
import { testAdapter, type CaseName } from '../adapter.conformance.js';
import { findNpmLock } from './libraries.js';

type Skips = Partial<Record<CaseName, string>>;

/** With `equal` retry settings, since the suite asks for one attempt or a timeout; its own would know neither. */
export function testNpmLock(name: string, masters: number, skips: Skips, hangs: Skips): void {
  const adapter = findNpmLock(`${name}:equal`);
  testAdapter({
    adapter,
    masters,
    title: `${name} on ${String(masters)}`,
    skips: { ...skips, ...hangs },
    hangs: Object.keys(hangs) as CaseName[],
  });
}

const NO_TIMEOUT = 'it has no timeout and waits as long as its master is silent';
const IOREDIS_RETRIES = 'ioredis sends a command up to 21 times by default, which takes seconds';
const NO_VALIDITY = 'it does not look whether the ttl has passed';
const RENEWS = 'it renews itself, so no ttl ends it';

/** What waits without end, whatever the client. */
export const SILENCE: Skips = {
  'silent masters make its acquisition indeterminate': NO_TIMEOUT,
  'masters that were silent during its acquisition keep no key of it': NO_TIMEOUT,
  'silent masters make its release indeterminate': NO_TIMEOUT,
};

/** On ioredis with its defaults there is no answer for longer than the suite waits. */
export const IOREDIS_HANGS: Skips = {
  ...SILENCE,
  'too many dead masters make its acquisition indeterminate': IOREDIS_RETRIES,
  'masters that die before its release make that indeterminate': IOREDIS_RETRIES,
  'connections that break during its acquisition make that indeterminate': IOREDIS_RETRIES,
  'connections that break during its release make that indeterminate': IOREDIS_RETRIES,
};

/** For libraries that wait for every master. */
export const WAITS_FOR_ALL: Skips = {
  'a minority of dead masters does not keep it from being taken and released': `it waits for them all, and ${IOREDIS_RETRIES}`,
};

export const TAKES_EXPIRED: Skips = { 'a grant that took longer than its ttl is refused': NO_VALIDITY };

export const RENEWS_ITSELF: Skips = {
  'the end of its ttl frees it': RENEWS,
  'a release after its ttl is told that the lock is lost, and leaves the next holder alone': RENEWS,
};

export const FOREIGN_KEYS: Skips = {
  'its key is named for the resource, on every master': 'it puts a prefix of its own before the name',
};
