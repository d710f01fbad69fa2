import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect, promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { UsageError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { Batch } from './batch.js';
import type { Master, Vote } from './master.js';
import { Redlock } from './redlock.js';
import type { RedlockOptions } from './options.js';
import { eventually, startMasters, type TestMaster } from './redis.fixture.js';
import { EXTEND } from './scripts.js';
import { wireMaster } from './wire-master.js';
import { Composer } from './wire-requests.js';

let masters: TestMaster[] = [];
let first: TestMaster;
let opened: Master[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
  first = masters[0]!;
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});
beforeEach(async () => {
  await Promise.all(masters.map(({ admin }) => admin.flushall()));
  await Promise.all(masters.map(({ admin }) => admin.config('RESETSTAT')));
});
afterEach(async () => {
  await Promise.all(opened.map((master) => master.close()));
  opened = [];
});

function client(urls: readonly string[], options: RedlockOptions = {}): Redlock {
  return new Redlock(urls, { transport: 'wire', acquireTimeoutMs: 0, nodeTimeoutMs: 10_000, ...options });
}

async function openMaster(master = first): Promise<Master> {
  const endpoint = {
    socket: { kind: 'unix', path: master.path },
    username: undefined,
    password: undefined,
    database: 0,
  } as const;
  const one = wireMaster(
    { endpoint, name: master.url, commands: 'auto', random: seededRandom(1), nothing: new Batch() },
    new Composer(),
    opened.length,
  );
  opened.push(one);
  await one.connect();
  return one;
}

it('acquires, extends and releases, one resource and several, with names that are not ASCII', async () => {
  await using redlock = client(masters.map(({ url }) => url));
  await redlock.connect(3);
  for (const resources of [['schlüssel-🔑'], ['a', 'ü\r\n', '']].map((names) => names.filter(Boolean))) {
    const lock = await redlock.acquire(resources, 10_000);
    await redlock.drain();
    for (const { admin } of masters) {
      expect(await admin.mget(resources)).toEqual(resources.map(() => lock.token));
    }
    expect((await redlock.tryAcquire(resources, 10_000)).status).toBe('held');
    await lock.extend(60_000);
    await redlock.drain();
    for (const { admin } of masters) {
      for (const resource of resources) expect(await admin.pttl(resource)).toBeGreaterThan(20_000);
    }
    expect(await lock.release()).toEqual({ status: 'released' });
    await redlock.drain();
    for (const { admin } of masters) expect(await admin.exists(...resources)).toBe(0);
  }
});

it('writes to a master once in a tick, however many acquisitions and releases it carries', async () => {
  await using redlock = client(masters.map(({ url }) => url));
  await redlock.connect(3);
  const write = vi.spyOn(Socket.prototype, 'write');
  try {
    const acquiring = Array.from({ length: 50 }, (_, i) => redlock.acquire(`key-${String(i)}`, 10_000));
    expect(write).toHaveBeenCalledTimes(0);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(write).toHaveBeenCalledTimes(3);
    expect(new Set(write.mock.contexts).size).toBe(3);
    await Promise.all(acquiring);
  } finally {
    write.mockRestore();
  }
});

it('loses no lock when a master forgets its scripts, and knows them again after a restart', async () => {
  await using redlock = client(
    masters.map(({ url }) => url),
    { commands: 'lua' },
  );
  await redlock.connect(3);
  const lock = await redlock.acquire(['a', 'b'], 10_000);
  await Promise.all(masters.map(({ admin }) => admin.script('FLUSH')));
  await lock.extend(20_000);
  await Promise.all(masters.map(({ admin }) => admin.script('FLUSH')));
  expect(await lock.release()).toEqual({ status: 'released' });
  await redlock.drain();
  for (const { admin } of masters) expect(await admin.exists('a', 'b')).toBe(0);

  const last = masters[2]!;
  await last.kill();
  await last.restart();
  await eventually(async () => ((await last.admin.script('EXISTS', EXTEND.sha)) as number[])[0] === 1);
});

it('authenticates with user and password, or a password alone, and does not name them when that fails', async () => {
  await first.admin.acl('SETUSER', 'planner', 'on', '>s3cret', '~*', '&*', '+@all');
  const named = (user: string): string => first.url.replace('unix://', `unix://${user}@localhost`);
  await using redlock = client([named('planner:s3cret')]);
  await redlock.connect();
  expect((await redlock.tryAcquire('acl', 10_000)).status).toBe('acquired');

  await using wrong = client([named('planner:wr0ng')]);
  const failure: unknown = await wrong.connect().catch((error: unknown) => error);
  expect(String(failure)).toContain('WRONGPASS');
  expect(inspect(failure, { depth: Infinity })).not.toContain('wr0ng');

  await first.admin.config('SET', 'requirepass', 'only');
  try {
    await using alone = client([named(':only')]);
    await alone.connect();
    expect((await alone.tryAcquire('alone', 10_000)).status).toBe('acquired');
    await using nobody = client([first.url]);
    await expect(nobody.connect()).rejects.toThrow('NOAUTH');
  } finally {
    await first.admin.config('SET', 'requirepass', '');
  }
});

it('holds locks for a user who may not load scripts, ask for commands or subscribe', async () => {
  await first.admin.acl(
    'SETUSER',
    'bare',
    'on',
    '>pw',
    '~*',
    'resetchannels',
    '-@all',
    '+set',
    '+evalsha',
    '+eval',
    '+get',
    '+del',
  );
  await using redlock = client([first.url.replace('unix://', 'unix://bare:pw@localhost')]);
  await redlock.connect();
  const lock = await redlock.acquire('bare', 10_000);
  expect(await lock.release()).toEqual({ status: 'released' });
});

it('reaches a master by TCP, in the database of its URL', async () => {
  const port = await freePort();
  await first.admin.config('SET', 'port', String(port));
  await using redlock = client([`redis://127.0.0.1:${String(port)}/5`]);
  await redlock.connect();
  const lock = await redlock.acquire('tcp', 10_000);
  await first.admin.select(5);
  expect(await first.admin.get('tcp')).toBe(lock.token);
  await first.admin.select(0);
  await using beyond = client([`redis://127.0.0.1:${String(port)}/5000`]);
  await expect(beyond.connect()).rejects.toThrow('DB index is out of range');
});

const hasOpenssl = await promisify(execFile)('openssl', ['version']).then(
  () => true,
  () => false,
);

it.skipIf(!hasOpenssl)('reaches a master by TLS, and only one whose certificate is trusted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'redlock-tls-'));
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-keyout', keyPath, '-out', certPath],
  ]);
  const certificate = { key: await readFile(keyPath), cert: await readFile(certPath) };
  const ends: Socket[] = [];
  const proxy = createTlsServer(certificate, (socket) => {
    const master = connect(first.path);
    ends.push(socket, master);
    socket.on('error', () => master.destroy());
    socket.pipe(master).pipe(socket);
  });
  proxy.on('tlsClientError', () => undefined);
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `rediss://localhost:${String((proxy.address() as AddressInfo).port)}`;
  try {
    await using strict = client([url]);
    await expect(strict.connect()).rejects.toThrow(/self.signed certificate/);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await using redlock = client([url]);
    await redlock.connect();
    const lock = await redlock.acquire('tls', 10_000);
    expect(await first.admin.get('tls')).toBe(lock.token);
    expect(await lock.release()).toEqual({ status: 'released' });
  } finally {
    vi.unstubAllEnvs();
    for (const end of ends) end.destroy();
    proxy.close();
    await rm(folder, { recursive: true });
  }
});

it('votes by an error reply: a master out of memory grants nothing, yet extends and releases what is held', async () => {
  await using redlock = client([first.url]);
  await redlock.connect();
  const lock = await redlock.acquire('held', 10_000);
  await first.admin.config('SET', 'maxmemory', '1');
  try {
    const outcome = await redlock.tryAcquire('oom', 10_000);
    expect(outcome).toMatchObject({ status: 'indeterminate' });
    expect((outcome as { cause: Error }).cause.message).toContain('OOM');
    await lock.extend(60_000);
    expect(await first.admin.pttl('held')).toBeGreaterThan(20_000);
    expect(await lock.release()).toEqual({ status: 'released' });
  } finally {
    await first.admin.config('SET', 'maxmemory', '0');
  }
});

it('runs scripts, publishes, and delivers messages on the connection that carries the commands', async () => {
  const [sender, receiver] = [await openMaster(), await openMaster()];
  const messages: string[] = [];
  receiver.subscribe('news-ü', (message) => messages.push(message));
  await eventually(() => receiver.isSubscribed);
  const receivers = await new Promise((resolve) => {
    sender.publish('news-ü', 'hällo', resolve);
  });
  expect(receivers).toBe(1);
  await eventually(() => messages.length === 1);
  expect(messages).toEqual(['hällo']);
  const vote = await new Promise<Vote>((resolve) => {
    receiver.setIfAbsent(['k'], 'token', 10_000, { isOpen: true, vote: (_, given) => resolve(given) });
  });
  expect(vote.kind).toBe('granted');
  await first.admin.script('FLUSH');
  const reply = await new Promise((resolve) => {
    receiver.evaluate(EXTEND, ['k'], ['token', 20_000], resolve);
  });
  expect(reply).toBe(1);
});

it('subscribes again after its master was away', async () => {
  const [sender, receiver] = [await openMaster(masters[2]), await openMaster(masters[2])];
  const losses: Error[] = [];
  receiver.onLost((cause) => losses.push(cause));
  receiver.subscribe('news', () => undefined);
  await eventually(() => receiver.isSubscribed);
  await masters[2]!.kill();
  await eventually(() => !receiver.isSubscribed && losses.length === 1);
  await masters[2]!.restart();
  await eventually(() => receiver.isSubscribed);
  await sender.connect();
  const receivers = await new Promise((resolve) => {
    sender.publish('news', 'back', resolve);
  });
  expect(receivers).toBe(1);
});

it('asks a hung master for nothing more, gives its connection up, and deletes what it set when it goes on', async () => {
  const hung = masters[1]!;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using redlock = client(masters.map(({ url }) => url));
  await redlock.connect(3);
  const early = await redlock.acquire('early', 60_000);
  hung.pause();
  try {
    const late = await redlock.acquire('late', 60_000);
    // Looks without an answer: now it is silent, and is not asked to set anything.
    vi.advanceTimersByTime(3_000);
    const without = await redlock.acquire('without', 60_000);
    await early.release();
    // The connection is given up; what it carried is in the socket that the server still has to read.
    vi.advanceTimersByTime(4_000);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([late.release(), without.release()]);
    vi.advanceTimersByTime(1_000);
  } finally {
    vi.useRealTimers();
    hung.resume();
  }
  await redlock.connect(3);
  await eventually(async () => (await hung.admin.dbsize()) === 0);
  // `early` and `late` were set there; `without` was not, and nothing is left of any.
  expect(await hung.calls('set')).toBe((await masters[0]!.calls('set')) - 1);
  for (const { admin } of masters) expect(await admin.dbsize()).toBe(0);
});

it('uses the native commands of a server that has them, and says where they are demanded in vain', async () => {
  const known = (await first.admin.call('COMMAND', 'INFO', 'DELEX', 'DELIFEQ')) as unknown[];
  const isNative = known.some((entry) => entry !== null);
  for (const transport of ['wire', 'ioredis'] as const) {
    await using redlock = client([first.url], { transport, commands: 'native' });
    if (!isNative) {
      await expect(redlock.connect()).rejects.toThrow(/expected native commands, got a server with neither DELEX/);
      continue;
    }
    await redlock.connect();
    await first.admin.config('RESETSTAT');
    const lock = await redlock.acquire('native', 10_000);
    await lock.extend(60_000);
    expect(await first.admin.pttl('native')).toBeGreaterThan(20_000);
    expect(await lock.release()).toEqual({ status: 'released' });
    expect(await lock.release()).toEqual({ status: 'released' });
    await expect(lock.extend(60_000)).rejects.toThrow();
    expect(await first.admin.exists('native')).toBe(0);
    expect(await first.calls('evalsha')).toBe(0);
    expect(await first.calls('set')).toBe(2);

    const stolen = await redlock.acquire('native', 10_000);
    await first.admin.set('native', 'another');
    expect(await stolen.tryExtend(60_000)).toEqual({ status: 'lost' });
    expect(await stolen.release()).toEqual({ status: 'lost' });
    expect(await first.admin.get('native')).toBe('another');
    await first.admin.del('native');
    expect(await stolen.tryExtend(60_000)).toEqual({ status: 'lost' });
    expect(await first.admin.exists('native')).toBe(0);
  }
});

it('refuses options and sources that do not fit, each with one line', () => {
  const refused = (make: () => unknown): readonly string[] => {
    try {
      make();
    } catch (error) {
      if (error instanceof UsageError) return error.problems;
    }
    return [];
  };
  expect(refused(() => new Redlock([first.url], { transport: 'tcp' as 'wire', commands: 'x' as 'lua' }))).toEqual([
    'transport: expected ioredis or wire, got tcp',
    'commands: expected auto, native or lua, got x',
  ]);
  expect(refused(() => new Redlock([first.admin], { transport: 'wire' }))).toEqual([
    "masters: master 1: expected a URL or an endpoint for transport 'wire', got an ioredis instance; use 'ioredis' for it",
  ]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
