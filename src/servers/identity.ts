/**
 * Who a master is, and to what it is pinned.
 *
 * @module
 */
import { describeEndpoint } from '../model/endpoint.js';
import type { MasterIdentity } from '../model/result.js';
import { AdminError, type AdminConnection } from './admin-connection.js';
import type { ServerInfo } from './info.js';

/** The settings that change what a lock does or costs. */
const PINNED = ['save', 'appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy', 'hz', 'io-threads'];

/** Reads a master's identity; where CONFIG is forbidden, INFO's part of the settings. */
export async function readIdentity(
  admin: AdminConnection,
  info: ServerInfo,
  isSpawned: boolean,
): Promise<MasterIdentity> {
  return {
    endpoint: describeEndpoint(admin.endpoint),
    ...readServer(info),
    runId: info.get('run_id') ?? '',
    spawned: isSpawned,
    config: (await readConfig(admin)) ?? configFromInfo(info),
  };
}

/** The product and its own version: forks keep the field of Redis for the version that they are compatible with. */
export function readServer(info: ServerInfo): { readonly server: string; readonly version: string } {
  const compatible = info.get('redis_version') ?? 'unknown';
  const valkey = info.get('valkey_version');
  if (valkey !== undefined) return { server: 'valkey', version: valkey };
  const dragonfly = info.get('dragonfly_version');
  if (dragonfly !== undefined) return { server: 'dragonfly', version: dragonfly };
  const isKeyDb = info.has('mvcc_depth') || (info.get('executable') ?? '').includes('keydb');
  return { server: isKeyDb ? 'keydb' : 'redis', version: compatible };
}

async function readConfig(admin: AdminConnection): Promise<Record<string, string> | undefined> {
  const config: Record<string, string> = {};
  try {
    // One name at a time: CONFIG GET takes several only since Redis 7.0.
    for (const reply of await Promise.all(PINNED.map((name) => admin.call('CONFIG', 'GET', name)))) {
      const [name, value] = Array.isArray(reply) ? reply.map(String) : [];
      if (name !== undefined && value !== undefined) config[name] = value;
    }
    return config;
  } catch (thrown) {
    // Refused by an ACL, or renamed away by a hosted service; everything else will show on the next command.
    if (thrown instanceof AdminError) return undefined;
    throw thrown;
  }
}

function configFromInfo(info: ServerInfo): Record<string, string> {
  const aof = info.get('aof_enabled');
  const found: readonly (readonly [string, string | undefined])[] = [
    ['appendonly', aof === undefined ? undefined : aof === '1' ? 'yes' : 'no'],
    ['maxmemory', info.get('maxmemory')],
    ['maxmemory-policy', info.get('maxmemory_policy')],
    ['hz', info.get('configured_hz') ?? info.get('hz')],
  ];
  return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}
