/**
 * A "lock" whose every operation is one request and nothing else, so that a master of a known speed is a queue of the
 * books. It excludes nobody: for keys of one client slot's own.
 */
const NS_PER_MS = 1_000_000;
const TTL_MS = 100;

const capabilities = { maxMasters: 1, canExtend: false };

export const adapter = {
  name: 'one-request',
  description: 'a test: one SET for each acquisition, nothing for its release',
  capabilities,
  open: async ({ masters, clock, observer, connect }) => {
    const redis = await connect(masters[0]);
    return {
      name: 'one-request',
      capabilities,
      acquire: async ({ resources: [resource] }) => {
        const startNs = clock.nowNs();
        await redis.set(resource, 'held', 'PX', TTL_MS);
        observer.roundTrip(0, clock.nowNs() - startNs);
        // The master is slow on purpose: a promise of the ttl would have ended before it was given.
        const validUntilNs = clock.nowNs() + TTL_MS * NS_PER_MS;
        return { status: 'acquired', attempts: 1, lock: { resources: [resource], token: 'held', validUntilNs } };
      },
      release: async () => ({ status: 'released' }),
      [Symbol.asyncDispose]: async () => {
        redis.disconnect();
      },
    };
  },
};
