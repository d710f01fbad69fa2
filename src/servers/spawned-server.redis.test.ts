import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { AdminConnection, AdminError } from './admin-connection.js';
import { eventually, isAlive } from './process-remains.fixture.js';
import { readProcessStat } from './process-stat.js';
import { openServerHost, type ServerHost } from './server-host.js';
import type { ServerSettings, SpawnedServer } from './spawned-server.js';

const { signal } = new AbortController();
let host: ServerHost;

beforeAll(async () => {
  host = await openServerHost(process.env);
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

function spawn(settings: Partial<ServerSettings> = {}): Promise<SpawnedServer> {
  return host.spawn({ persistence: 'none', socket: 'tcp', ...settings }, signal);
}

async function set(server: SpawnedServer, value: string): Promise<void> {
  expect(await server.call('SET', 'key', value, 'PX', '60000')).toBe('OK');
}

/** Since it was written, a server that syncs every second has surely begun to do so. */
const untilSynced = (): Promise<void> => sleep(1_500);

describe('a spawned server', () => {
  it.each(['tcp', 'unix'] as const)(
    'comes back to the same %s endpoint and folder, as another process',
    async (socket) => {
      await using server = await spawn({ socket });
      const { endpoint, pid, folder } = server;
      await server.kill();
      expect(server.isRunning()).toBe(false);
      expect(isAlive(pid)).toBe(false);
      await expect(server.call('PING')).rejects.toThrow(AdminError);
      await server.restart();
      expect(server.isRunning()).toBe(true);
      expect([server.endpoint, server.folder]).toEqual([endpoint, folder]);
      expect(server.pid).not.toBe(pid);
      expect((await server.info()).get('process_id')).toBe(String(server.pid));
    },
  );

  it('leaves a stranger alone that has its port', async () => {
    await using stranger = await spawn();
    await set(stranger, 'not ours');
    await using server = await spawn();
    // As if it had died, and the stranger had its port: the process that is expected there is not the one that answers.
    using misled = new AdminConnection(stranger.endpoint);
    misled.expectedPid = server.pid;
    await expect(misled.call('FLUSHALL')).rejects.toThrow(/got one from process/);
    await server.kill();
    await expect(server.call('FLUSHALL')).rejects.toThrow(/got one that has ended/);
    expect(await stranger.call('GET', 'key')).toBe('not ours');
  });

  it('acknowledges the signals of a life that has ended, and those of the next one', async () => {
    await using server = await spawn();
    // The second finds nobody, or is on its way when the first has ended it.
    await Promise.all([server.kill(), server.pause(), server.resume()]);
    await server.restart();
    await server.pause();
    await eventually(() => (readProcessStat(server.pid)?.state ?? 'T') === 'T', 'a stopped process');
    await server.resume();
    expect(await server.call('PING')).toBe('PONG');
  });

  it.each([
    ['none', null],
    ['snapshots', null],
    ['everysec', 'value'],
    ['always', 'value'],
  ] as const)('with persistence %s has %j after SIGKILL', async (persistence, expected) => {
    await using server = await spawn({ persistence });
    await set(server, 'value');
    await server.kill();
    await server.restart();
    expect(await server.call('GET', 'key')).toBe(expected);
  });

  it.each([
    ['none', null],
    ['snapshots', 'value'],
    ['everysec', 'value'],
  ] as const)('with persistence %s has %j after SIGTERM, though it was paused', async (persistence, expected) => {
    await using server = await spawn({ persistence });
    await set(server, 'value');
    await server.pause();
    await server.shutdown();
    expect(server.isRunning()).toBe(false);
    await server.restart();
    expect(await server.call('GET', 'key')).toBe(expected);
  });

  it('keeps the ttl of a key over a restart', async () => {
    await using server = await spawn({ persistence: 'always' });
    await set(server, 'value');
    await server.kill();
    await server.restart();
    const ttlMs = Number(await server.call('PTTL', 'key'));
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
  });

  it('that syncs every second loses with its power what was written last, and only that', async () => {
    await using server = await spawn({ persistence: 'everysec' });
    await set(server, 'synced');
    await untilSynced();
    await set(server, 'lost');
    const { lostBytes } = await server.losePower();
    expect(lostBytes).toBeGreaterThan('SET key lost PXAT'.length);
    await server.restart();
    expect(await server.call('GET', 'key')).toBe('synced');
    // What outlived one loss of power is on the disk.
    expect(await server.losePower()).toEqual({ lostBytes: 0 });
    await server.restart();
    expect(await server.call('GET', 'key')).toBe('synced');
  });

  it('that syncs every second loses everything with its power when it has only just begun', async () => {
    await using server = await spawn({ persistence: 'everysec' });
    await set(server, 'lost');
    expect((await server.losePower()).lostBytes).toBeGreaterThan(0);
    await server.restart();
    expect(await server.call('GET', 'key')).toBeNull();
  });

  it('that always syncs loses nothing with its power', async () => {
    await using server = await spawn({ persistence: 'always' });
    await set(server, 'value');
    expect(await server.losePower()).toEqual({ lostBytes: 0 });
    await server.restart();
    expect(await server.call('GET', 'key')).toBe('value');
  });

  it('takes no part in losses of power when it was not spawned for them', async () => {
    await using server = await spawn({ persistence: 'everysec', mayLosePower: false });
    await expect(server.losePower()).rejects.toThrow(EnvironmentError);
    expect(server.isRunning()).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('is stopped while paused, and answers again when resumed', async () => {
    await using server = await spawn();
    await server.pause();
    await eventually(() => readProcessStat(server.pid)?.state === 'T', 'a stopped process');
    let hasAnswered = false;
    const answer = server.call('PING').then((reply) => {
      hasAnswered = true;
      return reply;
    });
    await sleep(100);
    expect(hasAnswered).toBe(false);
    await server.resume();
    expect(await answer).toBe('PONG');
  });

  it('is refused a restart while it runs', async () => {
    await using server = await spawn();
    const { pid } = server;
    await expect(server.restart()).rejects.toThrow(/expected it to be gone/);
    expect(isAlive(pid)).toBe(true);
    expect(await server.call('PING')).toBe('PONG');
  });

  it('is a replica that has what its master has, and a master when it is promoted', async () => {
    await using master = await spawn();
    await set(master, 'copied');
    const { socket } = master.endpoint;
    if (socket.kind !== 'tcp') throw new Error('expected TCP');
    await using replica = await spawn({ replicaOf: { host: socket.host, port: socket.port } });
    expect(await replica.call('GET', 'key')).toBe('copied');
    await expect(replica.call('SET', 'key', 'own')).rejects.toThrow(/READONLY/);
    await master.kill();
    expect(await replica.call('REPLICAOF', 'NO', 'ONE')).toBe('OK');
    expect(await replica.call('SET', 'key', 'own')).toBe('OK');
    expect((await replica.info()).get('role')).toBe('master');
  });

  it('is gone when it is disposed, and its folder with the host', async () => {
    const own = await openServerHost(process.env);
    const server = await own.spawn({ persistence: 'always', socket: 'unix' }, signal);
    await server.pause();
    await server[Symbol.asyncDispose]();
    expect(isAlive(server.pid)).toBe(false);
    await own[Symbol.asyncDispose]();
    expect(existsSync(server.folder)).toBe(false);
  });
});

describe('the clock of a spawned server', () => {
  it('is not moved without a shim', async () => {
    await using server = await spawn();
    expect(server.clockObstacle).toMatch(/got one without/);
    await expect(server.setClock(1_000)).rejects.toThrow(EnvironmentError);
  });

  it('is not moved where there is no compiler, and the server runs all the same', async () => {
    await using lacking = await openServerHost({ ...process.env, CC: '/no/such/compiler' });
    const server = await lacking.spawn({ persistence: 'none', socket: 'tcp', hasClockShim: true }, signal);
    expect(server.clockObstacle).toMatch(/expected a C compiler, got .*ENOENT/);
    await expect(server.setClock(1_000)).rejects.toThrow(/expected a C compiler/);
    expect(await server.call('PING')).toBe('PONG');
  });

  it('jumps forward, and keys end before their time', async (context) => {
    await using server = await spawn({ hasClockShim: true });
    if (server.clockObstacle !== undefined) return context.skip(server.clockObstacle);
    await server.call('SET', 'key', 'value', 'PX', '10000');
    const before = await secondsOf(server);
    await server.setClock(20_000);
    expect(await server.call('GET', 'key')).toBeNull();
    expect(Math.abs((await secondsOf(server)) - before - 20)).toBeLessThan(5);
    await server.setClock(0);
    expect(Math.abs((await secondsOf(server)) - before)).toBeLessThan(5);
  });

  it('jumps back, and keys live longer, over a restart too', async (context) => {
    await using server = await spawn({ hasClockShim: true, persistence: 'always' });
    if (server.clockObstacle !== undefined) return context.skip(server.clockObstacle);
    await server.call('SET', 'key', 'value', 'PX', '10000');
    await server.setClock(-50_000);
    const ttlMs = Number(await server.call('PTTL', 'key'));
    expect(ttlMs).toBeGreaterThan(50_000);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
    await server.kill();
    await server.restart();
    expect(Number(await server.call('PTTL', 'key'))).toBeGreaterThan(50_000);
    await server.setClock(0);
    expect(Number(await server.call('PTTL', 'key'))).toBeLessThanOrEqual(10_000);
  });
});

/** The server's own time of day. */
async function secondsOf(server: SpawnedServer): Promise<number> {
  const [seconds] = (await server.call('TIME')) as [string, string];
  return Number(seconds);
}
