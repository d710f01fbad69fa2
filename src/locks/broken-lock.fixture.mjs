/**
 * A lock that excludes nobody: its SET lacks NX. What measures it must say so.
 *
 * @module
 */
import { Redis } from 'ioredis';

const capabilities = { maxMasters: 1, canExtend: false };

export const adapter = {
  name: 'set-without-nx',
  description: 'a test: SET without NX grants every request',
  capabilities,
  open: async ({ masters, clock }) => {
    const [{ socket }] = masters;
    const redis = new Redis(socket.kind === 'unix' ? socket.path : socket.port);
    let tokens = 0;
    return {
      name: 'set-without-nx',
      capabilities,
      acquire: async ({ resources, ttlMs }) => {
        const token = `token-${String(++tokens)}`;
        const invokedNs = clock.nowNs();
        await redis.set(resources[0], token, 'PX', ttlMs);
        return { status: 'acquired', attempts: 1, lock: { resources, token, validUntilNs: invokedNs + ttlMs * 1e6 } };
      },
      release: async ({ resources }) => {
        const deleted = await redis.del(resources[0]);
        return { status: deleted === 1 ? 'released' : 'lost' };
      },
      [Symbol.asyncDispose]: async () => {
        redis.disconnect();
      },
    };
  },
};
