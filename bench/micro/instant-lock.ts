/**
 * A lock that grants at once and excludes nobody: what is left when it is measured is the generator's own cost.
 *
 * @module
 */
import type { AcquireOutcome, LockAdapter, LockClient, ReleaseOutcome } from '../../src/locks/lock-client.js';
import { msToNs } from '../../src/model/time.js';

const capabilities = { maxMasters: 99, canExtend: false };
const released: Promise<ReleaseOutcome> = Promise.resolve({ status: 'released' });

/** Found by `--lock ./dist/bench/micro/instant-lock.js`. */
export const adapter: LockAdapter = {
  name: 'instant',
  description: 'grants at once and excludes nobody: the cost of the generator itself',
  capabilities,
  open: ({ clock }): Promise<LockClient> =>
    Promise.resolve({
      name: 'instant',
      capabilities,
      acquire: ({ resources, ttlMs }): Promise<AcquireOutcome> =>
        Promise.resolve({
          status: 'acquired',
          attempts: 1,
          lock: { resources, token: 'instant', validUntilNs: clock.nowNs() + msToNs(ttlMs) },
        }),
      release: () => released,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};
