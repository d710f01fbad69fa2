/**
 * A server whose memory is full and whose policy evicts: the keys with the shortest ttl go first, and those are locks.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { SpawnedServer } from '../servers/spawned-server.js';
import type { Act } from './injection.js';

/** What of a server is needed. */
export type EvictingServer = Pick<SpawnedServer, 'call' | 'info'>;

const SETTINGS = ['maxmemory', 'maxmemory-policy', 'maxmemory-samples'] as const;
/** The server compares so many keys before it evicts one: beyond that, it may overlook the lock among the fillers. */
const SAMPLES = 64;
const FILLERS = 8;
const FILLER_BYTES = 65_536;
/** So much that locks outlive it never. */
const FILLER_TTL_S = 3_600;
/** Longer than a lock's, so that it goes after every lock; shorter than a filler's, so that it goes before them. */
const CANARY_TTL_S = 1_800;
/** A lock that comes while memory is full goes after so long. */
const SQUEEZE_EVERY_MS = 50;
const CHECKED_FILLERS = 8 * FILLERS;
/** Names in one DEL. */
const DELETED_AT_ONCE = 500;

/**
 * Writes a few big keys with a long ttl, and then, again and again, allows less memory than is in use: every key with a
 * shorter ttl is evicted, later ones too, and of the fillers as many as it takes. A canary that has a longer ttl than any
 * lock shows that those have gone.
 */
export function evict(server: EvictingServer): Act {
  const before = new Map<string, string>();
  const squeeze = new Squeeze(server);
  return {
    inject: async () => {
      for (const setting of SETTINGS) before.set(setting, await readSetting(server, setting));
      await server.call('SET', squeeze.canary, 'x', 'EX', String(CANARY_TTL_S));
      if ((await server.call('EXISTS', squeeze.canary)) !== 1) throw new Error('expected a canary key, got none');
      await server.call('CONFIG', 'SET', 'maxmemory-samples', String(SAMPLES));
      await server.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
      await squeeze.begin();
    },
    seeEffect: async () => {
      const isCanaryGone = (await server.call('EXISTS', squeeze.canary)) === 0;
      const policy = await readSetting(server, 'maxmemory-policy');
      if (!isCanaryGone || policy !== 'volatile-ttl') return undefined;
      return {
        saw: `its memory was full, its policy ${policy}, and it evicted a key with a ttl longer than any lock's`,
      };
    },
    heal: async () => {
      await squeeze.end();
      for (const [setting, value] of before) await server.call('CONFIG', 'SET', setting, value);
      await squeeze.sweep();
    },
    seeHealed: async () => {
      for (const [setting, value] of before) if ((await readSetting(server, setting)) !== value) return undefined;
      return { saw: `its policy was ${before.get('maxmemory-policy') ?? ''} again` };
    },
  };
}

/** Keeps the memory of a server too small for what is in it. */
class Squeeze {
  readonly canary: string;
  readonly #server: EvictingServer;
  /** No other run's, and no other fault's. */
  readonly #prefix = `redlock-bench:filler:${randomBytes(6).toString('hex')}`;
  readonly #fillers: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #step: Promise<void> | undefined;

  constructor(server: EvictingServer) {
    this.#server = server;
    this.canary = `${this.#prefix}:canary`;
  }

  async begin(): Promise<void> {
    await this.#tighten();
    this.#again();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#step;
  }

  /** Removes whatever is left of its keys. */
  async sweep(): Promise<void> {
    const names = [this.canary, ...this.#fillers];
    for (let from = 0; from < names.length; from += DELETED_AT_ONCE) {
      await this.#server.call('DEL', ...names.slice(from, from + DELETED_AT_ONCE));
    }
  }

  #again(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      // A server that is down for a moment has nothing to be evicted meanwhile.
      this.#step = this.#tighten()
        .catch(() => undefined)
        .finally(() => {
          this.#again();
        });
    }, SQUEEZE_EVERY_MS);
  }

  async #tighten(): Promise<void> {
    // With room for the fillers: they replace what was evicted of them, so that no lock is refused for lack of memory.
    await this.#server.call('CONFIG', 'SET', 'maxmemory', '0');
    // The oldest fillers go first.
    const recent = this.#fillers.slice(-CHECKED_FILLERS);
    const alive = recent.length === 0 ? 0 : Number(await this.#server.call('EXISTS', ...recent));
    for (let missing = FILLERS - alive; missing > 0; missing--) await this.#fill();
    const used = Number((await this.#server.info()).get('used_memory') ?? 0);
    await this.#server.call('CONFIG', 'SET', 'maxmemory', String(used - FILLER_BYTES));
  }

  async #fill(): Promise<void> {
    const name = `${this.#prefix}:${String(this.#fillers.length)}`;
    this.#fillers.push(name);
    await this.#server.call('SET', name, 'x'.repeat(FILLER_BYTES), 'EX', String(FILLER_TTL_S));
  }
}

async function readSetting(server: EvictingServer, name: string): Promise<string> {
  const reply = await server.call('CONFIG', 'GET', name);
  return Array.isArray(reply) ? String(reply[1]) : '';
}
