import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { systemClock } from '../model/time.js';
import type { Impairment } from './impairment.js';
import { eventually } from './process-remains.fixture.js';
import { ReleaseQueue } from './release-queue.js';
import { openTcpProxy, type LinkPlan, type TcpProxy } from './tcp-proxy.js';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** One end of a connection: what it has read, and how it ended. */
interface Peer {
  readonly socket: Socket;
  text: string;
  hasEnded: boolean;
  errorCode: string | undefined;
}

function watch(socket: Socket): Peer {
  const peer: Peer = { socket, text: '', hasEnded: false, errorCode: undefined };
  closers.push(() => socket.destroy());
  socket.on('data', (chunk: Buffer) => (peer.text += chunk.toString()));
  socket.on('end', () => (peer.hasEnded = true));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => (peer.errorCode = code));
  return peer;
}

/** A server that upper-cases what it is sent, and a proxy in front of it. */
async function openLink(plan: LinkPlan = { roundTripMs: 0, jitterMs: 0 }): Promise<{
  readonly proxy: TcpProxy;
  /** The server's ends, in the order in which they came. */
  readonly served: readonly Peer[];
  connect(): Promise<Peer>;
  /** A connection that may fail. */
  dial(): Peer;
}> {
  const served: Peer[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    served.push(watch(socket));
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const proxy = await openTcpProxy(
    { target: { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: false }, plan },
    { queue: new ReleaseQueue(systemClock), clock: systemClock, random: seededRandom(7) },
  );
  closers.push(() => proxy.server.close());
  const dial = (): Peer => watch(connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true, noDelay: true }));
  return {
    proxy,
    served,
    dial,
    connect: async () => {
      const peer = dial();
      await once(peer.socket, 'connect');
      return peer;
    },
  };
}

/** A client whose first request was answered before the fault. */
async function openBusyLink(plan?: LinkPlan): Promise<Awaited<ReturnType<typeof openLink>> & { client: Peer }> {
  const link = await openLink(plan);
  const client = await link.connect();
  client.socket.write('a');
  await eventually(() => client.text === 'A', 'a reply before the fault');
  return { ...link, client };
}

const isReset = (peer: Peer) => (): boolean => peer.errorCode === 'ECONNRESET';
/** Long enough for bytes to arrive that should not. */
const settle = (): Promise<void> => sleep(40);

describe('an impaired connection', () => {
  it('keeps both directions under `hold` and delivers everything in order on heal', async () => {
    const { proxy, served, client } = await openBusyLink();
    served[0]!.socket.write('1');
    await eventually(() => client.text === 'A1', 'the reply');
    proxy.impair({ kind: 'hold' });
    for (const letter of 'bcd') {
      client.socket.write(letter);
      served[0]!.socket.write('2');
      await new Promise(setImmediate);
    }
    await eventually(() => proxy.counters().heldBytes === 6, 'six held bytes');
    expect([served[0]!.text, client.text]).toEqual(['a', 'A1']);
    proxy.impair({ kind: 'pass' });
    client.socket.write('e');
    await eventually(() => client.text === 'A1222BCDE', 'everything in order');
    expect(served[0]!.text).toBe('abcde');
    expect(proxy.counters()).toEqual({
      connections: 1,
      accepted: 1,
      refused: 0,
      resets: 0,
      requestBytes: 5,
      replyBytes: 9,
      heldBytes: 0,
      lostBytes: 0,
    });
  });

  it('keeps the replies alone under `hold-replies`', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'hold-replies' });
    client.socket.write('b');
    await eventually(() => served[0]!.text === 'ab' && proxy.counters().heldBytes === 1, 'a request and a held reply');
    expect(client.text).toBe('A');
    proxy.impair({ kind: 'pass' });
    await eventually(() => client.text === 'AB', 'the held reply');
  });

  it('keeps the requests alone under `hold-requests`, of new connections too', async () => {
    const { proxy, served, client, connect } = await openBusyLink();
    proxy.impair({ kind: 'hold-requests' });
    const late = await connect();
    client.socket.write('b');
    late.socket.write('x');
    await eventually(() => proxy.counters().heldBytes === 2 && served.length === 2, 'two held requests');
    served[0]!.socket.write('!');
    await eventually(() => client.text === 'A!', 'a reply that passes');
    expect(served.map(({ text }) => text)).toEqual(['a', '']);
    proxy.impair({ kind: 'pass' });
    await eventually(() => client.text === 'A!B' && late.text === 'X', 'the replies to what was held');
  });

  it('delivers held requests of a client that died meanwhile, and then its death', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'hold' });
    served[0]!.socket.write('?');
    client.socket.write('last words');
    await eventually(() => proxy.counters().heldBytes === 11, 'held bytes of both directions');
    client.socket.resetAndDestroy();
    await eventually(() => proxy.counters().lostBytes === 1, 'the loss of the reply that nobody can take');
    expect(served[0]!.text).toBe('a');
    expect(proxy.counters()).toMatchObject({ connections: 0, heldBytes: 10, resets: 0 });
    proxy.impair({ kind: 'pass' });
    await eventually(() => served[0]!.text === 'alast words', 'the last words');
    await eventually(isReset(served[0]!), 'a reset behind them');
  });

  it('passes the end of a stream on behind the held bytes', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'hold-requests' });
    client.socket.end('b');
    await eventually(() => proxy.counters().heldBytes === 1, 'a held request');
    await settle();
    expect(served[0]!.hasEnded).toBe(false);
    proxy.impair({ kind: 'pass' });
    await eventually(() => client.text === 'AB' && client.hasEnded, 'the reply and the end');
  });

  it('tells the master at once that a client left whose replies are held', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'hold-replies' });
    client.socket.write('b');
    await eventually(() => proxy.counters().heldBytes === 1, 'a held reply');
    client.socket.resetAndDestroy();
    await eventually(isReset(served[0]!), 'a reset');
    expect(proxy.counters()).toMatchObject({ heldBytes: 0, lostBytes: 1 });
  });

  it('loses both directions under `blackhole`, and resets on heal who lost something, not who was quiet', async () => {
    const { proxy, served, client, connect } = await openBusyLink();
    const quiet = await connect();
    quiet.socket.write('q');
    await eventually(() => quiet.text === 'Q', 'a second connection');
    proxy.impair({ kind: 'blackhole' });
    client.socket.write('b');
    served[0]!.socket.write('!');
    const late = await connect();
    late.socket.write('x');
    await eventually(() => proxy.counters().lostBytes === 3, 'three lost bytes');
    await settle();
    expect([served[0]!.text, client.text, late.text, late.errorCode]).toEqual(['a', 'A', '', undefined]);
    // What cannot arrive cannot open a connection either.
    expect(served).toHaveLength(2);
    proxy.impair({ kind: 'pass' });
    await eventually(isReset(client), 'a reset of the first');
    await eventually(isReset(late), 'a reset of the one that came during it');
    await eventually(isReset(served[0]!), 'a reset at the master');
    quiet.socket.write('r');
    await eventually(() => quiet.text === 'QR', 'the quiet one going on');
    expect(proxy.counters()).toMatchObject({ connections: 1, resets: 2, lostBytes: 3 });
  });

  it('resets on heal a connection that opened in a black hole and said nothing', async () => {
    const { proxy, connect } = await openLink();
    proxy.impair({ kind: 'blackhole' });
    const client = await connect();
    await eventually(() => proxy.counters().connections === 1, 'a connection');
    proxy.impair({ kind: 'pass' });
    await eventually(isReset(client), 'a reset');
  });

  it('tells the master on heal that a client left in the black hole', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'blackhole' });
    client.socket.resetAndDestroy();
    await eventually(() => proxy.counters().connections === 0, 'no connection');
    await settle();
    expect([served[0]!.hasEnded, served[0]!.errorCode]).toEqual([false, undefined]);
    proxy.impair({ kind: 'pass' });
    await eventually(isReset(served[0]!), 'a reset');
  });

  it('delivers requests and loses replies under `half-open`, and resets on heal', async () => {
    const { proxy, served, client, connect } = await openBusyLink();
    proxy.impair({ kind: 'half-open' });
    const late = await connect();
    client.socket.write('b');
    late.socket.write('x');
    await eventually(() => proxy.counters().lostBytes === 2, 'two lost replies');
    expect(served.map(({ text }) => text)).toEqual(['ab', 'x']);
    expect([client.text, late.text]).toEqual(['A', '']);
    proxy.impair({ kind: 'pass' });
    await eventually(isReset(client), 'a reset');
    await eventually(isReset(late), 'a reset of the new one');
  });

  it('resets under `cut` whoever is connected and whoever comes, until it heals', async () => {
    const { proxy, served, client, connect, dial } = await openBusyLink();
    proxy.impair({ kind: 'cut' });
    await eventually(isReset(client), 'a reset');
    await eventually(isReset(served[0]!), 'a reset at the master');
    const late = dial();
    await eventually(isReset(late), 'a refusal');
    expect(served).toHaveLength(1);
    expect(proxy.counters()).toMatchObject({ connections: 0, accepted: 1, refused: 1, resets: 1 });
    proxy.impair({ kind: 'pass' });
    const healed = await connect();
    healed.socket.write('c');
    await eventually(() => healed.text === 'C', 'a reply after the heal');
  });

  it('resets once under `reset`', async () => {
    const { proxy, client, connect } = await openBusyLink();
    proxy.impair({ kind: 'reset' });
    await eventually(isReset(client), 'a reset');
    const late = await connect();
    late.socket.write('c');
    await eventually(() => late.text === 'C', 'a reply');
    expect(proxy.counters()).toMatchObject({ connections: 1, refused: 0, resets: 1 });
  });

  it('loses what is on its way and what is held when the connection is cut', async () => {
    const { proxy, served, client } = await openBusyLink({ roundTripMs: 60, jitterMs: 0 });
    proxy.impair({ kind: 'hold-requests' });
    client.socket.write('b');
    await eventually(() => proxy.counters().heldBytes === 1, 'a held request');
    client.socket.write('c');
    await eventually(() => client.socket.bytesWritten === 3, 'bytes on their way');
    proxy.impair({ kind: 'cut' });
    await eventually(isReset(client), 'a reset');
    await settle();
    expect(served[0]!.text).toBe('a');
    expect(proxy.counters().heldBytes).toBe(0);
  });

  it('resets in stead of the reply under `reset-after-request`, and leaves a quiet connection alone', async () => {
    const { proxy, served, client, connect } = await openBusyLink();
    const quiet = await connect();
    quiet.socket.write('q');
    await eventually(() => quiet.text === 'Q', 'a second connection');
    proxy.impair({ kind: 'reset-after-request' });
    client.socket.write('b');
    await eventually(isReset(client), 'a reset');
    expect([served[0]!.text, client.text]).toEqual(['ab', 'A']);
    const late = await connect();
    late.socket.write('x');
    await eventually(() => late.text === 'X', 'a reply to the one that came later');
    late.socket.write('y');
    await eventually(() => late.text === 'XY', 'another one');
    expect(proxy.counters()).toMatchObject({ connections: 2, resets: 1 });
    proxy.impair({ kind: 'pass' });
    quiet.socket.write('r');
    await eventually(() => quiet.text === 'QR', 'the quiet one going on');
    expect(proxy.counters().resets).toBe(1);
  });

  it('resets under `reset-after-request` a quiet connection as soon as it asks, for as long as it lasts', async () => {
    const { proxy, served, client, connect } = await openBusyLink();
    const quiet = await connect();
    quiet.socket.write('q');
    await eventually(() => quiet.text === 'Q', 'a second connection');
    proxy.impair({ kind: 'reset-after-request' });
    client.socket.write('b');
    await eventually(isReset(client), 'a reset');
    quiet.socket.write('r');
    await eventually(isReset(quiet), 'a reset of the other one');
    expect([served[1]!.text, quiet.text]).toEqual(['qr', 'Q']);
    expect(proxy.counters().resets).toBe(2);
  });

  it('resets under `reset-after-request` even when no reply comes', async () => {
    const { proxy, served, client } = await openBusyLink();
    let resetsAtRequest: number | undefined;
    served[0]!.socket.removeAllListeners('data');
    served[0]!.socket.once('data', () => (resetsAtRequest = proxy.counters().resets));
    proxy.impair({ kind: 'reset-after-request' });
    client.socket.write('b');
    await eventually(isReset(client), 'a reset');
    expect(client.text).toBe('A');
    // It had waited for a reply first.
    expect(resetsAtRequest).toBe(0);
  });

  it('lets the request take effect although the reply of an earlier one came first', async () => {
    const { proxy, served, client } = await openBusyLink();
    served[0]!.socket.pause();
    proxy.impair({ kind: 'reset-after-request' });
    client.socket.write('b');
    await eventually(() => proxy.counters().requestBytes === 2, 'a delivered request');
    served[0]!.socket.write('late');
    await eventually(isReset(client), 'a reset');
    proxy.impair({ kind: 'pass' });
    served[0]!.socket.resume();
    await eventually(() => served[0]!.hasEnded, 'an orderly end');
    expect(served[0]).toMatchObject({ text: 'ab', errorCode: undefined });
  });

  it('resets on heal a connection that still waits for its reply', async () => {
    const { proxy, served, client } = await openBusyLink();
    served[0]!.socket.pause();
    proxy.impair({ kind: 'reset-after-request' });
    client.socket.write('b');
    await eventually(() => proxy.counters().requestBytes === 2, 'a delivered request');
    proxy.impair({ kind: 'pass' });
    expect(proxy.counters().resets).toBe(1);
    await eventually(isReset(client), 'a reset');
    served[0]!.socket.resume();
    await eventually(() => served[0]!.text === 'ab', 'the request, although its client is gone');
    // An orderly end: a reset could have destroyed what the master had not read yet.
    await eventually(() => served[0]!.hasEnded, 'the end');
    expect(served[0]!.errorCode).toBeUndefined();
  });

  it.each<[Impairment]>([
    [{ kind: 'hold' }],
    [{ kind: 'hold-replies' }],
    [{ kind: 'reset-after-request' }],
    [{ kind: 'latency', delayMs: 30, jitterMs: 30 }],
    [{ kind: 'bandwidth', bytesPerSecond: 1_000_000 }],
  ])('never reorders what was held when %j comes next', async (next) => {
    const { proxy, served, client } = await openBusyLink({ roundTripMs: 4, jitterMs: 4 });
    const rest = 'bcdefghijklmnopqrstuvwxyz';
    proxy.impair({ kind: 'hold' });
    for (const letter of rest.slice(0, 10)) {
      client.socket.write(letter);
      await new Promise(setImmediate);
    }
    await eventually(() => proxy.counters().heldBytes === 10, 'held requests');
    proxy.impair(next);
    if (next.kind === 'reset-after-request') {
      await eventually(isReset(client), 'a reset');
      // The first chunk, however many letters TCP put into it.
      expect(`a${rest}`.startsWith(served[0]!.text)).toBe(true);
      expect(served[0]!.text.length).toBeGreaterThan(1);
      return;
    }
    for (const letter of rest.slice(10)) client.socket.write(letter);
    await sleep(10);
    proxy.impair({ kind: 'pass' });
    await eventually(() => client.text.length === 26, 'all replies');
    expect(served[0]!.text).toBe(`a${rest}`);
    expect(client.text).toBe(`a${rest}`.toUpperCase());
  });

  it('adds latency each way, and takes it away at once on heal, even from bytes on their way', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'latency', delayMs: 60_000, jitterMs: 1 });
    client.socket.write('b');
    client.socket.write('c');
    await settle();
    expect(served[0]!.text).toBe('a');
    proxy.impair({ kind: 'pass' });
    client.socket.write('d');
    await eventually(() => client.text === 'ABCD', 'all replies');
    proxy.impair({ kind: 'latency', delayMs: 20, jitterMs: 0 });
    const startNs = systemClock.nowNs();
    client.socket.write('e');
    await once(client.socket, 'data');
    expect(systemClock.nowNs() - startNs).toBeGreaterThanOrEqual(40_000_000);
  });

  it('lets nothing overtake what was on its way when the impairment began', async () => {
    const { proxy, served, client } = await openBusyLink({
      roundTripMs: 0,
      jitterMs: 0,
      upstreamBytesPerSecond: 10_000,
    });
    client.socket.write('b'.repeat(1_000));
    await sleep(20);
    proxy.impair({ kind: 'latency', delayMs: 1, jitterMs: 0 });
    client.socket.write('c');
    await eventually(() => served[0]!.text.length === 1_002, 'everything');
    expect(served[0]!.text.endsWith('bc')).toBe(true);
  });

  it('throttles both directions, and leaves no backlog behind when it heals', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'bandwidth', bytesPerSecond: 10 });
    client.socket.write('b'.repeat(1_000));
    served[0]!.socket.write('!'.repeat(1_000));
    await settle();
    expect([served[0]!.text, client.text]).toEqual(['a', 'A']);
    proxy.impair({ kind: 'pass' });
    await eventually(() => client.text.length === 2_001, 'both, 100 s early');
    expect(served[0]!.text).toHaveLength(1_001);
  });

  it('stops reading from a client whose bytes are held, and loses nothing on heal', async () => {
    const { proxy, served, client } = await openBusyLink();
    proxy.impair({ kind: 'hold-requests' });
    const total = 64 * 1_048_576;
    client.socket.end(Buffer.alloc(total, 'x'));
    await eventually(() => proxy.counters().heldBytes > 4_194_304, 'a full line');
    await settle();
    expect(proxy.counters().heldBytes).toBeLessThan(8_388_608);
    expect(client.socket.writableLength).toBeGreaterThan(total / 4);
    served[0]!.socket.removeAllListeners('data');
    let received = 0;
    served[0]!.socket.on('data', (chunk: Buffer) => (received += chunk.length));
    proxy.impair({ kind: 'pass' });
    await once(served[0]!.socket, 'end');
    expect(received).toBe(total);
  });
});
