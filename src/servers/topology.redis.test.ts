import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../model/endpoint.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { locateServer } from './locate.js';
import { eventually, isAlive, remains } from './process-remains.fixture.js';
import { openTopology, type Topology } from './topology.js';

const topologies: Topology[] = [];
const clients: Redis[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const topology of topologies.splice(0)) await topology[Symbol.asyncDispose]();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function open(input: ScenarioInput, signal = new AbortController().signal): Promise<Topology> {
  const topology = await openTopology(completeScenario(input, 1), process.env, signal);
  topologies.push(topology);
  return topology;
}

function client({ socket }: Endpoint): Redis {
  const redis = socket.kind === 'unix' ? new Redis(socket.path) : new Redis(socket.port, socket.host);
  redis.on('error', () => undefined);
  clients.push(redis);
  return redis;
}

/** A shell script that passes for a server until it is started; `$HERE` is its folder. */
function fakeServer(script: string): { readonly path: string; read(file: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'redlock-bench-test-'));
  folders.push(folder);
  const path = join(folder, 'fake-server');
  const version = `[ "$1" = --version ] && echo "Redis server v=7.0.0" && exit`;
  writeFileSync(path, `#!/bin/sh\n${version}\nHERE=${folder}\n${script}\n`);
  chmodSync(path, 0o755);
  return {
    path,
    read: (file) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : 'no such file'),
  };
}

describe('spawned masters', () => {
  it('are independent servers that answer on TCP, and are gone with their folders when closed', async () => {
    const topology = await open({ masters: 3 });
    const { masters } = topology;
    expect(new Set(masters.map(({ identity }) => identity.runId)).size).toBe(3);
    expect(topology.endpointsOf(0)).toEqual(masters.map(({ endpoint }) => endpoint));
    for (const master of masters) {
      expect(master.identity.spawned).toBe(true);
      await client(master.endpoint).set('key', master.server!.pid);
      expect(await client(master.endpoint).get('key')).toBe(String(master.server!.pid));
    }
    await topology[Symbol.asyncDispose]();
    expect(remains(masters)).toEqual([]);
  });

  it('listen on unix sockets with short paths and on no port when asked to', async () => {
    const topology = await open({ masters: 2, socket: 'unix' });
    for (const { endpoint } of topology.masters) {
      expect(endpoint.socket.kind === 'unix' && endpoint.socket.path.length).toBeLessThan(100);
      expect(await client(endpoint).config('GET', 'port')).toEqual(['port', '0']);
    }
    await topology[Symbol.asyncDispose]();
    expect(remains(topology.masters)).toEqual([]);
  });

  it.each([
    ['none', 'no', 'no'],
    ['everysec', 'yes', 'everysec'],
    ['always', 'yes', 'always'],
  ] as const)(
    'run with persistence %s as appendonly %s, appendfsync %s',
    async (persistence, appendonly, appendfsync) => {
      const [master] = (await open({ masters: 1, persistence })).masters;
      const expected = { save: '', appendonly, appendfsync, 'maxmemory-policy': 'noeviction', maxmemory: '0' };
      expect(master!.identity.config).toMatchObject(expected);
      await client(master!.endpoint).set('key', 'value');
      expect(existsSync(join(master!.server!.folder, 'appendonlydir'))).toBe(appendonly === 'yes');
    },
  );

  it('report the calls per command, and which keys of a list exist and have no ttl', async () => {
    const [master] = (await open({ masters: 1 })).masters;
    const redis = client(master!.endpoint);
    const keys = Array.from({ length: 1_200 }, (_, index) => `key:${String(index)}`);
    const before = await master!.sample();
    for (const key of keys.slice(0, 700)) await redis.set(key, '1', 'PX', 60_000);
    const after = await master!.sample();
    expect((after!.commands['set'] ?? 0) - (before!.commands['set'] ?? 0)).toBe(700);
    expect(after!.connectedClients).toBe(2);
    expect(after!.usedMemoryBytes).toBeGreaterThan(before!.usedMemoryBytes);
    await Promise.all(keys.slice(690, 700).map((key) => redis.persist(key)));
    expect(await master!.countKeys(keys)).toEqual({ existing: 700, withoutTtl: 10 });
  });

  it('answer nothing while paused, again when resumed, and never after they were killed', async () => {
    const [master] = (await open({ masters: 1 })).masters;
    const server = master!.server!;
    await server.pause();
    expect(await master!.sample()).toBeUndefined();
    expect(await master!.countKeys(['key'])).toBeUndefined();
    await server.resume();
    expect((await master!.sample())?.connectedClients).toBe(1);
    await server.kill();
    expect(isAlive(server.pid)).toBe(false);
    expect(await master!.sample()).toBeUndefined();
    await server.kill();
    expect(server.isRunning()).toBe(false);
  });

  it('are ended when the run is aborted while they start', async () => {
    const server = fakeServer('echo $$ > "$HERE/pid"; sleep 30');
    const abort = new AbortController();
    const opening = open({ masters: 1, server: server.path }, abort.signal);
    await Promise.all([
      expect(opening).rejects.toThrow('enough'),
      eventually(() => /\d\n/.test(server.read('pid')), 'the server has started').then(() =>
        abort.abort(new Error('enough')),
      ),
    ]);
    expect(isAlive(Number(server.read('pid')))).toBe(false);
  });

  it('that die at once are reported with their last words, and leave nothing behind', async () => {
    const server = fakeServer('pwd > "$HERE/where"; echo "no luck today"; exit 3');
    await expect(open({ masters: 1, server: server.path })).rejects.toThrow(
      /got exit code 3; its last words:\n {2}no luck today/,
    );
    expect(existsSync(server.read('where').trim())).toBe(false);
  });

  it('take another port when theirs was taken, and are not mistaken for the stranger who answers there', async () => {
    const real = (await locateServer(undefined, process.env))!.path;
    const server = fakeServer(`
      ln -sf ${real} "$HERE/redis-server"
      if [ ! -e "$HERE/tried" ]; then
        touch "$HERE/tried"
        "$HERE/redis-server" "$@" &
        sleep 0.5
        kill -9 $!
        echo 'bind: Address already in use'
        exit 1
      fi
      exec "$HERE/redis-server" "$@"`);
    const [master] = (await open({ masters: 1, server: server.path })).masters;
    expect(server.read('tried')).toBe('');
    expect(await client(master!.endpoint).info('server')).toContain(`process_id:${String(master!.server!.pid)}\r`);
  });
});

describe('masters behind proxies', () => {
  it('are reached through a delay by clients, and directly by the run', async () => {
    const rtt = [
      { roundTripMs: 0, jitterMs: 0 },
      { roundTripMs: 30, jitterMs: 0 },
    ];
    const { masters, endpointsOf } = await open({ masters: 2, socket: 'unix', rtt: [rtt] });
    for (const [index, master] of masters.entries()) {
      expect(master.endpoint.socket.kind).toBe('unix');
      const redis = client(endpointsOf(0)[index]!);
      await redis.ping();
      const startNs = process.hrtime.bigint();
      await redis.set('key', '1');
      const elapsedMs = Number(process.hrtime.bigint() - startNs) / 1e6;
      expect(elapsedMs).toBeGreaterThanOrEqual(rtt[index]!.roundTripMs);
      expect(await master.countKeys(['key'])).toEqual({ existing: 1, withoutTtl: 1 });
    }
  });

  it('are as far away as the zone of the worker is, and the same servers from everywhere', async () => {
    const near = { roundTripMs: 2, jitterMs: 0 };
    const far = { roundTripMs: 40, jitterMs: 0 };
    const { masters, endpointsOf } = await open({ masters: 2, workers: 3, rtt: [[near, far], [far]] });
    expect(endpointsOf(2)).toEqual(endpointsOf(0));
    const elapsedMs = async (worker: number, master: number): Promise<number> => {
      const redis = client(endpointsOf(worker)[master]!);
      await redis.ping();
      const startNs = process.hrtime.bigint();
      expect(await redis.get('key')).toBe(String(master));
      return Number(process.hrtime.bigint() - startNs) / 1e6;
    };
    for (const [index, { endpoint }] of masters.entries()) await client(endpoint).set('key', index);
    const seen = [await elapsedMs(0, 0), await elapsedMs(0, 1), await elapsedMs(1, 0), await elapsedMs(1, 1)];
    expect(seen.map((ms) => (ms >= 40 ? 'far' : ms >= 2 ? 'near' : 'direct'))).toEqual(['near', 'far', 'far', 'far']);
  });
});
