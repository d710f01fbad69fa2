/**
 * A lock of your own. Measure it, from the folder of this file:
 *
 *   redlock-bench run contended --lock ./my-lock.mjs --masters 1
 *
 * This one takes a key by SET NX PX on one server; make it yours. Every worker thread opens one client, which all its
 * client slots share. Nothing needs to be installed beside this file: `connect` gives ioredis connections.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const NS_PER_MS = 1_000_000;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`;

/** @type {import('redlock-bench/lock').LockAdapter} */
export const adapter = {
  name: 'my-lock',
  description: 'SET NX PX on one server, asked again until the acquire timeout',
  // Add `version: '1.2.3'` for a library, and `flaw: 'One sentence.'` for a lock that you know to be unsafe.
  capabilities: { maxMasters: 1, canExtend: false },

  async open({ masters, scenario, clock, random, observer, connect }) {
    const redis = await connect(masters[0]);

    /** @type {import('redlock-bench/lock').LockClient} */
    const client = {
      name: adapter.name,
      capabilities: adapter.capabilities,

      // A held lock or a failing server is an outcome: what is thrown here ends the run as a defect of the lock.
      async acquire({ resources: [resource = ''], ttlMs }, signal) {
        const giveUpNs = clock.nowNs() + scenario.acquireTimeoutMs * NS_PER_MS;
        for (let attempts = 1; ; attempts++) {
          if (signal.aborted) return { status: 'aborted', attempts: attempts - 1 };
          // One for each attempt: the release of an attempt whose reply was lost must not delete what a later one is granted.
          const token = randomUUID();
          /** @type {import('redlock-bench/lock').AcquireOutcome} */
          let outcome = { status: 'held', attempts };
          // The promise counts from here: the server may have set the ttl long before its reply arrives.
          const startNs = clock.nowNs();
          const lock = { resources: [resource], token, validUntilNs: startNs + Math.floor(ttlMs) * NS_PER_MS };
          try {
            const reply = await redis.set(resource, token, 'PX', Math.floor(ttlMs), 'NX');
            observer.roundTrip(0, clock.nowNs() - startNs);
            if (reply === 'OK') outcome = { status: 'acquired', attempts, lock };
          } catch (error) {
            observer.failed(0);
            // The key may have been set all the same, and nobody else knows its token.
            await client.release(lock);
            outcome = { status: 'indeterminate', attempts, cause: /** @type {Error} */ (error) };
          }
          if (signal.aborted) {
            // Nobody waits any more: what was granted after the abort goes back.
            if (outcome.status === 'acquired') await client.release(lock);
            return { status: 'aborted', attempts };
          }
          if (outcome.status === 'acquired') return outcome;
          const waitMs = scenario.retryDelayMs + random.next() * scenario.retryJitterMs;
          if (clock.nowNs() + waitMs * NS_PER_MS >= giveUpNs) return outcome;
          try {
            await sleep(waitMs, undefined, { signal });
          } catch {
            return { status: 'aborted', attempts };
          }
        }
      },

      async release({ resources: [resource = ''], token }) {
        try {
          const deleted = await redis.eval(RELEASE, 1, resource, token);
          return { status: deleted === 1 ? 'released' : 'lost' };
        } catch (error) {
          return { status: 'indeterminate', cause: /** @type {Error} */ (error) };
        }
      },

      async [Symbol.asyncDispose]() {
        redis.disconnect();
      },
    };
    return client;
  },
};
