/**
 * A server whose memory is full and whose policy evicts: the keys with the shortest ttl go first, and those are locks.
 *
 * @module
 */
import type { SpawnedServer } from '../servers/spawned-server.js';
import type { Act } from './injection.js';

const SETTINGS = ['maxmemory', 'maxmemory-policy', 'maxmemory-samples'] as const;
/** The server compares so many keys before it evicts one: beyond that, it may overlook the lock among the fillers. */
const SAMPLES = 64;
const FILLERS = 8;
const FILLER_BYTES = 65_536;
/** So much that locks outlive it never. */
const FILLER_TTL_S = 3_600;

/**
 * Writes a few big keys with a long ttl, and then allows less memory than is in use: every key with a shorter ttl is
 * evicted, and of the fillers as many as it takes.
 */
export function evict(server: SpawnedServer): Act {
  const before = new Map<string, string>();
  let evictedBefore = 0;
  return {
    inject: async () => {
      for (const setting of SETTINGS) before.set(setting, await readSetting(server, setting));
      evictedBefore = await readCount(server, 'evicted_keys');
      for (const name of fillerNames()) {
        await server.call('SET', name, 'x'.repeat(FILLER_BYTES), 'EX', String(FILLER_TTL_S));
      }
      const used = await readCount(server, 'used_memory');
      await server.call('CONFIG', 'SET', 'maxmemory-samples', String(SAMPLES));
      await server.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
      await server.call('CONFIG', 'SET', 'maxmemory', String(used - FILLER_BYTES));
    },
    seeEffect: async () => {
      const evicted = (await readCount(server, 'evicted_keys')) - evictedBefore;
      const policy = await readSetting(server, 'maxmemory-policy');
      if (evicted <= 0 || policy !== 'volatile-ttl') return undefined;
      return { saw: `its memory was full, its policy ${policy}, and it evicted ${String(evicted)} keys` };
    },
    heal: async () => {
      for (const [setting, value] of before) await server.call('CONFIG', 'SET', setting, value);
      await server.call('DEL', ...fillerNames());
    },
    seeHealed: async () => {
      for (const [setting, value] of before) if ((await readSetting(server, setting)) !== value) return undefined;
      return { saw: `its policy was ${before.get('maxmemory-policy') ?? ''} again` };
    },
  };
}

function fillerNames(): string[] {
  return Array.from({ length: FILLERS }, (_, index) => `redlock-bench:filler:${String(index)}`);
}

async function readSetting(server: SpawnedServer, name: string): Promise<string> {
  const reply = await server.call('CONFIG', 'GET', name);
  return Array.isArray(reply) ? String(reply[1]) : '';
}

async function readCount(server: SpawnedServer, field: string): Promise<number> {
  return Number((await server.info()).get(field) ?? 0);
}
