import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeEndpoint } from '../model/endpoint.js';
import { EnvironmentError, GuardError, UsageError } from '../model/errors.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { AdminConnection, AdminError } from './admin-connection.js';
import { parseInfo } from './info.js';
import { locateServer } from './locate.js';
import { describeLoad } from './preflight.js';
import { openServerHost } from './server-host.js';
import { openTopology, type Topology } from './topology.js';

const CANARY = 'c4nary-passw0rd';
/** `--version` is only understood alone. */
const CLUSTER_NODE = `#!/bin/sh
[ "$1" = --version ] && exec $HERE/redis-server --version
exec $HERE/redis-server "$@" --cluster-enabled yes
`;
const { signal } = new AbortController();
let servers: Topology;
let urls: string[];
const clients: Redis[] = [];

beforeAll(async () => {
  servers = await openTopology(completeScenario({ masters: 2 }, 1), process.env, signal);
  urls = servers.masters.map(({ endpoint }) => describeEndpoint(endpoint));
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.quit().catch(() => undefined);
});

afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

async function use(index: number, action: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(urls[index]!);
  await action(client);
  await client.quit();
}

async function attach(input: ScenarioInput, environment: NodeJS.ProcessEnv = {}): Promise<Topology> {
  return await openTopology(completeScenario(input, 1), environment, signal);
}

/** Opens, closes, and gives what was refused. */
async function refusal(input: ScenarioInput, environment: NodeJS.ProcessEnv = {}): Promise<Error | undefined> {
  try {
    await (await attach(input, environment))[Symbol.asyncDispose]();
    return undefined;
  } catch (thrown) {
    return thrown as Error;
  }
}

describe('preflight of external masters', () => {
  it('accepts independent, unused masters, and never offers to stop them', async () => {
    await using topology = await attach({ endpoints: urls });
    expect(topology.masters.map(({ identity }) => identity.endpoint)).toEqual(urls);
    expect(topology.masters.map(({ identity }) => identity.runId)).toEqual(
      servers.masters.map(({ identity }) => identity.runId),
    );
    expect(topology.masters.map(({ server, identity }) => [server, identity.spawned])).toEqual([
      [undefined, false],
      [undefined, false],
    ]);
    expect((await topology.masters[0]!.sample())?.commands['ping']).toBeGreaterThan(0);
  });

  it('refuses a replica, an evicting policy and two endpoints of one server, all in one go', async () => {
    const { socket } = servers.masters[0]!.endpoint;
    if (socket.kind !== 'tcp') throw new Error('expected TCP');
    await use(1, (client) => client.replicaof('127.0.0.1', socket.port));
    await use(0, (client) => client.config('SET', 'maxmemory-policy', 'volatile-lru'));
    const error = await refusal({ endpoints: [...urls, urls[0]!.replace('127.0.0.1', 'localhost')] });
    await use(1, (client) => client.replicaof('NO', 'ONE'));
    await use(0, (client) => client.config('SET', 'maxmemory-policy', 'noeviction'));
    expect(error).toBeInstanceOf(GuardError);
    const lines = error!.message.split('\n');
    const port = String(socket.port);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain(`${urls[0]!}: expected maxmemory-policy noeviction, got volatile-lru`);
    expect(lines[1]).toContain(`${urls[1]!}: expected a master, got a replica of 127.0.0.1:${port}`);
    expect(lines[2]).toContain(`redis://localhost:${port}: expected maxmemory-policy noeviction`);
    expect(lines[3]).toContain(
      `redis://localhost:${port}: expected a server of its own, got the same server as ${urls[0]!}`,
    );
  });

  it('refuses a server that others work on, unless sharing is allowed', async () => {
    const other = new Redis(urls[0]!);
    clients.push(other);
    await other.info();
    expect(await refusal({ endpoints: urls })).toBeUndefined();
    await other.set('their', 'key');
    const error = await refusal({ endpoints: urls });
    expect(error).toBeInstanceOf(GuardError);
    expect(error!.message).toMatch(
      /got 1 other client\(s\), such as 127\.0\.0\.1:\d+ whose last command was set; .*--allow-shared/,
    );
    expect(error!.message.split('\n')).toHaveLength(1);
    expect(await refusal({ endpoints: urls, allowShared: true })).toBeUndefined();
  });

  it.each([
    [undefined, 'nobody else', 1, 20],
    ['1 other client(s) and 0 commands/s', 'a silent connection', 2, 0],
    ['0 other client(s) and 21 commands/s', 'short connections that work', 1, 21],
  ])('without CLIENT LIST finds %s for %s', (expected, _case, connections, opsPerSecond) => {
    const info = `connected_clients:${String(connections)}\ninstantaneous_ops_per_sec:${String(opsPerSecond)}`;
    const load = describeLoad(parseInfo(info));
    expect(load?.slice(0, load.indexOf(' (CLIENT'))).toBe(expected);
  });

  it('refuses a cluster node', async () => {
    const real = (await locateServer(undefined, process.env))!.path;
    const folder = mkdtempSync(join(tmpdir(), 'redlock-bench-test-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    // By this name the binary is a server, whatever it is called.
    symlinkSync(real, join(folder, 'redis-server'));
    const wrapper = join(folder, 'cluster-node');
    writeFileSync(wrapper, CLUSTER_NODE.replaceAll('$HERE', folder), { mode: 0o755 });
    await using host = await openServerHost(process.env, wrapper);
    const node = await host.spawn({ persistence: 'none', socket: 'tcp' }, signal);
    const error = await refusal({ endpoints: [describeEndpoint(node.endpoint)] });
    expect(error).toBeInstanceOf(GuardError);
    expect(error!.message).toContain('got a cluster node');
  });

  it('does not even connect to a host that was not allowed', async () => {
    let connections = 0;
    // 0.0.0.0 reaches this machine, but nobody says so.
    const trap = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '0.0.0.0');
    await once(trap, 'listening');
    const { port } = trap.address() as AddressInfo;
    const url = `redis://0.0.0.0:${String(port)}`;
    const error = await refusal({ endpoints: [...urls, url] });
    expect(error).toBeInstanceOf(GuardError);
    expect(error!.message).toContain('--allow-remote 0.0.0.0');
    expect(connections).toBe(0);
    expect(await refusal({ endpoints: [url], allowRemote: ['0.0.0.0'] })).toBeInstanceOf(EnvironmentError);
    expect(connections).toBe(1);
    trap.close();
  });

  it('names a master that does not answer', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const error = await refusal({ endpoints: [`redis://127.0.0.1:${String(port)}`] });
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error!.message).toContain(
      `redis://127.0.0.1:${String(port)}: expected a Redis server, got connect ECONNREFUSED`,
    );
  });
});

describe('a master with users', () => {
  const withUser = (user: string, password: string): string => urls[0]!.replace('//', `//${user}:${password}@`);

  it('takes a user with the fewest rights: its settings come from INFO, and no output has the password', async () => {
    await use(0, (client) =>
      client.acl(
        'SETUSER',
        'bench',
        'on',
        `>${CANARY}`,
        'resetkeys',
        '~redlock-bench:*',
        '-@all',
        '+ping',
        '+info',
        '+exists',
      ),
    );
    const environment = { REDLOCK_BENCH_USERNAME: 'bench', REDLOCK_BENCH_PASSWORD: CANARY };
    // The spawning run's own connection cannot be told from a user when CLIENT LIST is forbidden.
    const input = { endpoints: [urls[0]!], allowShared: true };
    await using topology = await attach(input, environment);
    const [master] = topology.masters;
    expect(master!.identity.config).toEqual({
      appendonly: 'no',
      maxmemory: '0',
      'maxmemory-policy': 'noeviction',
      hz: '10',
    });
    expect(JSON.stringify(master!.identity)).not.toContain(CANARY);
    expect(await master!.countKeys(['redlock-bench:key'])).toEqual({ existing: 0, withoutTtl: 0 });
    expect(await master!.countKeys(['foreign'])).toBeUndefined();
    await use(0, (client) => client.set('redlock-bench:key', 'left', 'PX', 10_000));
    expect(await master!.countKeys(['redlock-bench:key'])).toEqual({ existing: 1, withoutTtl: undefined });
    expect((await refusal({ endpoints: [urls[0]!] }, environment))?.message).toContain('CLIENT LIST');
  });

  it('refuses wrong credentials with the way to give them, and without them', async () => {
    const error = await refusal({ endpoints: [withUser('bench', `wrong-${CANARY}`)] });
    expect(error).toBeInstanceOf(UsageError);
    expect(error!.message).toContain('WRONGPASS');
    expect(error!.message).toContain('REDLOCK_BENCH_PASSWORD');
    // Everything that a crash report would print: causes and hidden properties included.
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CANARY);
    const endpoint = { ...servers.masters[0]!.endpoint, username: 'bench', password: `wrong-${CANARY}` };
    using admin = new AdminConnection(endpoint);
    const refused: unknown = await admin.call('PING').catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(AdminError);
    expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain(CANARY);
  });
});
