import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Redlock } from './redlock.js';
import { startMasters, TestMaster } from './redis.fixture.js';

let masters: TestMaster[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});

it('writes to a master once in a tick, however many acquisitions and releases it carries', async () => {
  await using redlock = new Redlock(masters.map(({ url }) => url));
  await redlock.connect(3);
  const writes: Socket[] = [];
  const prototype = Socket.prototype as unknown as Record<
    '_write' | '_writev',
    (this: Socket, ...rest: unknown[]) => void
  >;
  const { _write: write, _writev: writev } = prototype;
  const spies = [
    vi.spyOn(prototype, '_write').mockImplementation(function (this: Socket, ...rest: unknown[]) {
      writes.push(this);
      write.apply(this, rest);
    }),
    vi.spyOn(prototype, '_writev').mockImplementation(function (this: Socket, ...rest: unknown[]) {
      writes.push(this);
      writev.apply(this, rest);
    }),
  ];
  try {
    const acquiring = Array.from({ length: 50 }, (_, i) => redlock.acquire(`key-${String(i)}`, 10_000));
    expect(writes).toHaveLength(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toHaveLength(3);
    expect(new Set(writes).size).toBe(3);
    const locks = await Promise.all(acquiring);
    await redlock.drain();

    writes.length = 0;
    const releasing = locks.map((lock) => lock.release());
    const again = redlock.acquire('another', 10_000);
    await Promise.all([...releasing, again]);
    expect(writes).toHaveLength(3);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});

it('authenticates with the user and password of its URL, and does not name them when that fails', async () => {
  const [master] = masters as [TestMaster];
  await master.admin.acl('SETUSER', 'planner', 'on', '>s3cret', '~*', '&*', '+@all');
  await using redlock = new Redlock([master.url.replace('unix://', 'unix://planner:s3cret@localhost')]);
  await redlock.connect();
  expect((await redlock.tryAcquire('acl', 10_000)).status).toBe('acquired');

  await using wrong = new Redlock([master.url.replace('unix://', 'unix://planner:wr0ng@localhost')]);
  const failure = await wrong.connect().catch((error: unknown) => error as Error);
  expect(String(failure)).toContain('WRONGPASS');
  expect(inspect(failure, { depth: Infinity })).not.toContain('wr0ng');
});

it('votes by an error reply: a master out of memory grants nothing, and its release is not told again', async () => {
  const [master] = masters as [TestMaster];
  await using redlock = new Redlock([master.url], { acquireTimeoutMs: 0 });
  await redlock.connect();
  await master.admin.config('SET', 'maxmemory', '1');
  try {
    const outcome = await redlock.tryAcquire('oom', 10_000);
    expect(outcome).toMatchObject({ status: 'indeterminate' });
    expect((outcome as { cause: Error }).cause.message).toContain('OOM');
  } finally {
    await master.admin.config('SET', 'maxmemory', '0');
  }
  expect((await redlock.tryAcquire('oom', 10_000)).status).toBe('acquired');
});

it('does nothing before it is told to connect: every vote fails at once, and says why', async () => {
  const [master] = masters as [TestMaster];
  await using redlock = new Redlock([master.url], { acquireTimeoutMs: 0, nodeTimeoutMs: 60_000 });
  const before = await master.admin.info('clients');
  const outcome = await redlock.tryAcquire('early', 10_000);
  expect(outcome).toMatchObject({ status: 'indeterminate', attempts: 1 });
  expect((outcome as { cause: Error }).cause.message).toMatch(/call connect\(\) first/);
  const clientsOf = (info: string): string | undefined => /connected_clients:(\d+)/.exec(info)?.[1];
  expect(clientsOf(await master.admin.info('clients'))).toBe(clientsOf(before));
  await redlock.connect();
  expect((await redlock.tryAcquire('early', 10_000)).status).toBe('acquired');
});

it('reaches a master by TCP', async () => {
  const [master] = masters as [TestMaster];
  const port = await freePort();
  await master.admin.config('SET', 'port', String(port));
  await using redlock = new Redlock([`redis://127.0.0.1:${String(port)}/5`]);
  await redlock.connect();
  const lock = await redlock.acquire('tcp', 10_000);
  await master.admin.select(5);
  expect(await master.admin.get('tcp')).toBe(lock.token);
  await master.admin.select(0);
});

describe("a user's own ioredis instance", () => {
  it('is duplicated, keeps its options and its database and prefix are used', async () => {
    const [master] = masters as [TestMaster];
    const own = new Redis({ path: master.path, db: 3, keyPrefix: 'app:', lazyConnect: true });
    await using redlock = new Redlock([own]);
    await redlock.connect();
    const lock = await redlock.acquire('a', 10_000);
    expect(own.status).toBe('wait');
    expect(own.options.enableOfflineQueue).toBe(true);
    await master.admin.select(3);
    expect(await master.admin.get('app:a')).toBe(lock.token);
    expect(await lock.release()).toEqual({ status: 'released' });
    expect(await master.admin.dbsize()).toBe(0);
    await master.admin.select(0);
  });

  it('is refused when it is a cluster', () => {
    const cluster = new Redis.Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    expect(() => new Redlock([cluster as unknown as Redis])).toThrow(/independent servers, got a Redis Cluster/);
    cluster.disconnect();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
