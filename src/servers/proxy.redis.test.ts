import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Endpoint, parseEndpoint } from '../model/endpoint.js';
import { eventually, TestMaster } from '../redlock/redis.fixture.js';
import { isAlive } from './process-remains.fixture.js';
import { openProxies, type Proxies } from './proxy.js';

const NO_DELAY = { roundTripMs: 0, jitterMs: 0 };
const TWO = 2;

let master: TestMaster;
/** Two ways to one master. */
let proxies: Proxies;
const clients: Redis[] = [];

beforeAll(async () => {
  master = await TestMaster.start();
  proxies = await openProxies(
    Array.from({ length: TWO }, () => ({ endpoint: endpointOf(master), plan: NO_DELAY })),
    1,
    process.env,
  );
});

beforeEach(async () => {
  await master.admin.flushall();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (let index = 0; index < TWO; index++) await proxies.impair(index, { kind: 'pass' });
});

afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
  await master.stop();
});

function endpointOf({ url }: TestMaster): Endpoint {
  return parseEndpoint(url, { username: undefined, password: undefined })!;
}

type Resilience = Pick<
  RedisOptions,
  'retryStrategy' | 'maxRetriesPerRequest' | 'autoResendUnfulfilledCommands' | 'enableReadyCheck'
>;

/** A connected client that sends a command once, and stays disconnected when it loses its connection. */
async function connectVia(index: number, options: Resilience = {}): Promise<Redis> {
  const { socket } = proxies.endpoints[index]!;
  if (socket.kind !== 'tcp') throw new Error('expected a TCP endpoint');
  const client = new Redis(socket.port, socket.host, {
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    lazyConnect: true,
    ...options,
  });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

/** What became of a command, without an unhandled rejection while nobody waits for it. */
function settled(reply: Promise<unknown>): Promise<string> {
  return reply.then(String, (thrown: unknown) => `failed: ${(thrown as Error).message}`);
}

async function valueArrives(key: string, value: string): Promise<void> {
  await eventually(async () => (await master.admin.get(key)) === value);
}

const closed = (client: Redis) => (): boolean => client.status === 'end';

async function heldBytesAtLeast(index: number, bytes: number): Promise<void> {
  await eventually(async () => (await proxies.counters(index)).heldBytes >= bytes);
}

describe('a way to a Redis master', () => {
  it('held delivers nothing until it heals, and then every command in order', async () => {
    const client = await connectVia(0);
    await proxies.impair(0, { kind: 'hold' });
    const replies = ['a', 'b', 'c'].map((text) => client.append('log', text));
    await heldBytesAtLeast(0, 60);
    expect(await master.admin.exists('log')).toBe(0);
    await proxies.impair(0, { kind: 'pass' });
    expect(await Promise.all(replies)).toEqual([1, 2, 3]);
    expect(await master.admin.get('log')).toBe('abc');
    expect((await proxies.counters(0)).heldBytes).toBe(0);
  });

  it('with held requests delivers a write after its lock has expired', async () => {
    const client = await connectVia(0);
    expect(await master.admin.set('lock', 'token', 'PX', 30)).toBe('OK');
    await proxies.impair(0, { kind: 'hold-requests' });
    const write = client.set('resource', 'stale');
    await heldBytesAtLeast(0, 30);
    await eventually(async () => (await master.admin.exists('lock')) === 0);
    expect(await master.admin.get('resource')).toBeNull();
    await proxies.impair(0, { kind: 'pass' });
    expect(await write).toBe('OK');
    expect(await master.admin.get('resource')).toBe('stale');
  });

  it('with held replies executes a command whose reply comes on heal', async () => {
    const client = await connectVia(0);
    await proxies.impair(0, { kind: 'hold-replies' });
    const reply = client.set('key', 'value');
    await valueArrives('key', 'value');
    await heldBytesAtLeast(0, '+OK\r\n'.length);
    await proxies.impair(0, { kind: 'pass' });
    expect(await reply).toBe('OK');
  });

  it('in a black hole loses commands for ever, and resets the connection on heal', async () => {
    const client = await connectVia(0);
    const before = await proxies.counters(0);
    await proxies.impair(0, { kind: 'blackhole' });
    const reply = settled(client.set('key', 'value'));
    await eventually(async () => (await proxies.counters(0)).lostBytes >= before.lostBytes + 30);
    await proxies.impair(0, { kind: 'pass' });
    expect(await reply).toMatch(/^failed: /);
    await eventually(closed(client));
    const healed = await connectVia(0);
    expect(await healed.get('key')).toBeNull();
  });

  it('half open executes a command whose reply is lost, and resets the connection on heal', async () => {
    const client = await connectVia(0);
    const before = await proxies.counters(0);
    await proxies.impair(0, { kind: 'half-open' });
    const reply = settled(client.set('key', 'value'));
    await valueArrives('key', 'value');
    await eventually(async () => (await proxies.counters(0)).lostBytes > before.lostBytes);
    expect(client.status).toBe('ready');
    await proxies.impair(0, { kind: 'pass' });
    expect(await reply).toMatch(/^failed: /);
    const after = await proxies.counters(0);
    expect(after.lostBytes - before.lostBytes).toBe('+OK\r\n'.length);
    expect(after.resets - before.resets).toBe(1);
  });

  it('reset after a request has executed it, and the client never learns that', async () => {
    const client = await connectVia(0);
    const codes: (string | undefined)[] = [];
    client.on('error', ({ code }: NodeJS.ErrnoException) => codes.push(code));
    await proxies.impair(0, { kind: 'reset-after-request' });
    expect(await settled(client.set('key', 'value', 'NX'))).toMatch(/^failed: /);
    // No waiting: what the client saw came after the reply.
    expect(await master.admin.get('key')).toBe('value');
    expect(codes).toEqual(['ECONNRESET']);
  });

  it('reset after a request makes a client that sends again refuse its own lock', async () => {
    const client = await connectVia(0, {
      retryStrategy: () => 5,
      maxRetriesPerRequest: null,
      autoResendUnfulfilledCommands: true,
      enableReadyCheck: false,
    });
    await proxies.impair(0, { kind: 'reset-after-request' });
    const reconnecting = new Promise((resolve) => client.once('reconnecting', resolve));
    const grant = client.set('lock', 'mine', 'NX');
    await valueArrives('lock', 'mine');
    await reconnecting;
    await proxies.impair(0, { kind: 'pass' });
    expect(await grant).toBeNull();
    expect(await client.get('lock')).toBe('mine');
  });

  it('cut for one client stays open for another: an asymmetric partition', async () => {
    const [inside, outside] = [await connectVia(0), await connectVia(1)];
    await proxies.impair(0, { kind: 'cut' });
    await eventually(closed(inside));
    expect(await settled(connectVia(0))).toMatch(/^failed: /);
    expect(await outside.set('key', 'other side')).toBe('OK');
    expect((await proxies.counters(0)).refused).toBe(1);
    expect(await proxies.counters(1)).toMatchObject({ refused: 0, resets: 0, lostBytes: 0 });
    await proxies.impair(0, { kind: 'pass' });
    const healed = await connectVia(0);
    expect(await healed.get('key')).toBe('other side');
  });

  it('reset once lets a client reconnect at once', async () => {
    const client = await connectVia(0, { retryStrategy: () => 5 });
    const reconnected = new Promise((resolve) => client.once('reconnecting', resolve));
    await proxies.impair(0, { kind: 'reset' });
    await reconnected;
    await eventually(() => client.status === 'ready');
    expect(await client.set('key', 'value')).toBe('OK');
  });

  it('takes longer under latency', async () => {
    const client = await connectVia(0);
    await proxies.impair(0, { kind: 'latency', delayMs: 25, jitterMs: 0 });
    const startMs = performance.now();
    await client.ping();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(50);
  });

  it('takes longer for a long value under a throttle', async () => {
    const client = await connectVia(0);
    await proxies.impair(0, { kind: 'bandwidth', bytesPerSecond: 10_000 });
    const startMs = performance.now();
    await client.set('key', 'x'.repeat(1_000));
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(100);
  });
});

describe('the process of the proxies', () => {
  it('counts each link for itself', async () => {
    await using own = await openProxies([{ endpoint: endpointOf(master), plan: NO_DELAY }], 1, process.env);
    expect(await own.counters(0)).toEqual({
      connections: 0,
      accepted: 0,
      refused: 0,
      resets: 0,
      requestBytes: 0,
      replyBytes: 0,
      heldBytes: 0,
      lostBytes: 0,
    });
    await expect(own.counters(1)).rejects.toThrow(/expected one of 1, got number 1/);
  });

  it('answers whoever asks after its death with an error, whoever was waiting included', async () => {
    await using own = await openProxies([{ endpoint: endpointOf(master), plan: NO_DELAY }], 1, process.env);
    process.kill(own.pid, 'SIGSTOP');
    const waiting = settled(own.impair(0, { kind: 'cut' }));
    process.kill(own.pid, 'SIGKILL');
    expect(await waiting).toMatch(/^failed: proxies: expected an answer, got the end of their process/);
    await eventually(() => !isAlive(own.pid));
    expect(await settled(own.counters(0))).toMatch(/^failed: /);
  });
});
