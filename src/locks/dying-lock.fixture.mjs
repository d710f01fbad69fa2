/**
 * A lock that grants at once and, in every second thread, ends the thread after two seconds: what a crash looks like.
 *
 * @module
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

const capabilities = { maxMasters: 99, canExtend: false };
const DEATH_AFTER_MS = 2_000;

export const adapter = {
  name: 'dying',
  description: 'a test: grants at once, and every second thread of it crashes',
  capabilities,
  open: () => {
    let isArmed = threadId % 2 === 0;
    return Promise.resolve({
      name: 'dying',
      capabilities,
      acquire: async ({ resources }) => {
        if (!isArmed) {
          isArmed = true;
          void sleep(DEATH_AFTER_MS).then(() => {
            throw new Error('planted crash');
          });
        }
        await nextTurn();
        return { status: 'acquired', attempts: 1, lock: { resources, token: 'dying', validUntilNs: Infinity } };
      },
      release: () => Promise.resolve({ status: 'released' }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};
