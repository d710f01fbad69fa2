/**
 * From what a user names to a master: a URL, an endpoint, an ioredis instance, or a transport of their own.
 *
 * @module
 */
import { describeEndpoint, parseEndpoint, type Endpoint } from '../model/endpoint.js';
import { Batch } from './batch.js';
import { duplicateMaster, ioredisMaster, type UserRedis } from './ioredis-master.js';
import type { MasterFactory } from './master.js';
import type { RedlockSettings } from './options.js';
import { wireMaster } from './wire-master.js';
import { Composer } from './wire-requests.js';

/**
 * One master: `redis://`, `rediss://` or `unix://` URL, endpoint, an ioredis instance (which is duplicated with the
 * options that locks need), or a function that makes one.
 */
export type MasterSource = string | Endpoint | UserRedis | MasterFactory;

/** A factory for each source, or every problem found with them. */
export interface SourcesRead {
  readonly factories: readonly MasterFactory[];
  readonly problems: readonly string[];
}

/** Reads the sources without opening a connection. Problems name a master by its place: a URL may hold a password. */
export function readSources(
  sources: readonly MasterSource[],
  settings: Pick<RedlockSettings, 'transport' | 'commands' | 'random'>,
): SourcesRead {
  const { transport } = settings;
  const composer = new Composer();
  const nothing = new Batch();
  const problems: string[] = [];
  const seen = new Set<string>();
  const instances = new Set<UserRedis>();
  const factories = sources.map((source, index): MasterFactory => {
    const refuse = (problem: string): MasterFactory => {
      problems.push(`masters: master ${String(index + 1)}: ${problem}`);
      return () => {
        throw new Error(problem);
      };
    };
    if (typeof source === 'function') return source;
    if (isRedis(source)) {
      if (source.isCluster) return refuse('expected independent servers, got a Redis Cluster; use one client for each');
      if (transport === 'wire') {
        return refuse(
          "expected a URL or an endpoint for transport 'wire', got an ioredis instance; use 'ioredis' for it",
        );
      }
      if (instances.has(source)) return refuse('expected independent servers, got one instance twice; name each once');
      instances.add(source);
      return (place) => duplicateMaster(source, nameOf(source), place, settings);
    }
    const endpoint = typeof source === 'string' ? parseEndpoint(source, NO_CREDENTIALS) : source;
    if (endpoint === undefined) return refuse('expected a URL such as redis://127.0.0.1:6379, got something else');
    const name = describeEndpoint(endpoint);
    if (seen.has(name)) return refuse(`expected independent servers, got ${name} twice; name each once`);
    seen.add(name);
    return transport === 'wire'
      ? (place) => wireMaster({ endpoint, name, ...settings, nothing }, composer, place)
      : (place) => ioredisMaster(endpoint, name, place, settings);
  });
  if (sources.length === 0) problems.push('masters: expected at least one, got none; use an odd number such as 3');
  return { factories, problems };
}

const NO_CREDENTIALS = { username: undefined, password: undefined };

function isRedis(source: string | Endpoint | UserRedis): source is UserRedis {
  return typeof source !== 'string' && 'duplicate' in source;
}

function nameOf({ options }: UserRedis): string {
  if (options.path !== undefined) return `unix://${options.path}`;
  return `${options.tls === undefined ? 'redis' : 'rediss'}://${options.host ?? 'localhost'}:${String(options.port ?? 0)}`;
}
