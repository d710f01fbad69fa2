/**
 * Our own lock, slowed: every acquisition takes a fifth longer than it took, spent in a busy loop. What a comparison
 * must find.
 *
 * @module
 */
import { redlockAdapter } from '../../dist/src/locks/redlock.js';

const SHARE = 0.2;

export const adapter = {
  ...redlockAdapter,
  name: 'slowed',
  description: 'a test: redlock, a fifth slower',
  open: async (context) => {
    const client = await redlockAdapter.open(context);
    const { clock } = context;
    return {
      name: 'slowed',
      capabilities: client.capabilities,
      acquire: async (request, signal) => {
        const invokedNs = clock.nowNs();
        const outcome = await client.acquire(request, signal);
        const untilNs = clock.nowNs() + SHARE * (clock.nowNs() - invokedNs);
        while (clock.nowNs() < untilNs);
        return outcome;
      },
      release: (lock) => client.release(lock),
      extend: (lock, ttlMs) => client.extend(lock, ttlMs),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};
