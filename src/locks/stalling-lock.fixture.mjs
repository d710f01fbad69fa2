/**
 * A lock that grants at once but, two seconds after its first grant, keeps the event loop busy for one second: what a
 * blocked generator looks like.
 *
 * @module
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

const capabilities = { maxMasters: 99, canExtend: false };
const STALL_AFTER_MS = 2_000;
const STALL_MS = 1_000;
const NS_PER_MS = 1e6;

export const adapter = {
  name: 'stalling',
  description: 'a test: grants at once, and blocks its event loop for a second',
  capabilities,
  open: ({ clock }) => {
    let isArmed = false;
    const stall = () => {
      const untilNs = clock.nowNs() + STALL_MS * NS_PER_MS;
      while (clock.nowNs() < untilNs);
    };
    return Promise.resolve({
      name: 'stalling',
      capabilities,
      acquire: async ({ resources }) => {
        if (!isArmed) {
          isArmed = true;
          void sleep(STALL_AFTER_MS).then(stall);
        }
        await nextTurn();
        return { status: 'acquired', attempts: 1, lock: { resources, token: 'stalling', validUntilNs: Infinity } };
      },
      release: () => Promise.resolve({ status: 'released' }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};
