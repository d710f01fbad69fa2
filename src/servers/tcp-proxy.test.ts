import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { nsToMs, systemClock, type Ns } from '../model/time.js';
import { ReleaseQueue } from './release-queue.js';
import { ServiceStation } from './service-station.js';
import { openTcpProxy, type LinkPlan } from './tcp-proxy.js';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function connectThrough(targetPort: number, plan: LinkPlan, station?: ServiceStation): Promise<Socket> {
  const { server, port } = await openTcpProxy(
    { target: { kind: 'tcp', host: '127.0.0.1', port: targetPort, tls: false }, plan },
    { queue: new ReleaseQueue(systemClock), clock: systemClock, random: seededRandom(7), station },
  );
  closers.push(() => server.close());
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  closers.push(() => client.destroy());
  await once(client, 'connect');
  return client;
}

/** Everything up to the end of the stream. Iterating over the socket would destroy its other direction as well. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks).toString();
}

const echo = (socket: Socket): void => void socket.pipe(socket);

describe('a TCP proxy', () => {
  it('delays each round trip by at least what was asked', async () => {
    const client = await connectThrough(await serve(echo), { roundTripMs: 12, jitterMs: 0 });
    for (let round = 0; round < 5; round++) {
      const startNs = systemClock.nowNs();
      client.write('x');
      await once(client, 'data');
      expect(nsToMs(systemClock.nowNs() - startNs)).toBeGreaterThanOrEqual(12);
    }
  });

  it('has its requests served, and not the replies to them', async () => {
    const served: Ns[] = [];
    class CountingStation extends ServiceStation {
      override serve(arrivedNs: Ns): Ns {
        served.push(arrivedNs);
        return super.serve(arrivedNs);
      }
    }
    const station = new CountingStation(10_000);
    const client = await connectThrough(await serve(echo), { roundTripMs: 0, jitterMs: 0 }, station);
    const received = readAll(client);
    client.end('PING\r\n'.repeat(5));
    expect(await received).toBe('PING\r\n'.repeat(5));
    expect(served).toHaveLength(5);
  });

  it('keeps the order of everything that is on its way, under jitter as large as the delay', async () => {
    const client = await connectThrough(await serve(echo), { roundTripMs: 6, jitterMs: 6 });
    const sent = Array.from({ length: 300 }, (_, index) => `${String(index)} `);
    const received = readAll(client);
    for (const [index, text] of sent.entries()) {
      client.write(text);
      // Turns of the event loop between writes make them chunks of their own.
      if (index % 3 === 0) await new Promise(setImmediate);
    }
    client.end();
    expect(await received).toBe(sent.join(''));
  });

  it('passes a half-close on behind the bytes, and the other direction stays open', async () => {
    const port = await serve((socket) => {
      void readAll(socket).then((text) => socket.end(`got ${text}`));
    });
    const client = await connectThrough(port, { roundTripMs: 10, jitterMs: 0 });
    client.end('question');
    expect(await readAll(client)).toBe('got question');
  });

  it('passes a reset on', async () => {
    const port = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const client = await connectThrough(port, { roundTripMs: 4, jitterMs: 0 });
    client.write('x');
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  it('passes a reset by the client on to the target', async () => {
    let end: (code: string | undefined) => void;
    const code = new Promise((resolve) => (end = resolve));
    const port = await serve((socket) => {
      socket.on('data', () => undefined).on('error', (error: NodeJS.ErrnoException) => end(error.code));
      socket.write('hello');
    });
    const client = await connectThrough(port, { roundTripMs: 4, jitterMs: 0 });
    await once(client, 'data');
    client.resetAndDestroy();
    expect(await code).toBe('ECONNRESET');
  });

  it('resets a client whose target refuses the connection', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const client = await connectThrough(port, { roundTripMs: 2, jitterMs: 0 });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  it('stops reading from a client whose target does not read, and loses nothing when it goes on', async () => {
    let target: Socket | undefined;
    const port = await serve((socket) => {
      target = socket.pause();
    });
    const client = await connectThrough(port, { roundTripMs: 0, jitterMs: 0 });
    const total = 64 * 1_048_576;
    client.end(Buffer.alloc(total, 'x'));
    await sleep(300);
    // Far less than everything can be in the buffers of the kernel and the proxy: the rest still waits at the client.
    expect(client.writableLength).toBeGreaterThan(total / 4);
    let received = 0;
    for await (const chunk of target!) received += (chunk as Buffer).length;
    expect(received).toBe(total);
  });

  it('lets no more through to the target than the rate allows', async () => {
    const client = await connectThrough(await serve(echo), {
      roundTripMs: 0,
      jitterMs: 0,
      upstreamBytesPerSecond: 10_000,
    });
    const startNs = systemClock.nowNs();
    client.end('x'.repeat(1_000));
    expect(await readAll(client)).toHaveLength(1_000);
    expect(nsToMs(systemClock.nowNs() - startNs)).toBeGreaterThanOrEqual(100);
  });
});
