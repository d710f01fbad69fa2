/**
 * A TCP proxy that puts an emulated line in front of a master.
 *
 * @module
 */
import { connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Endpoint } from '../model/endpoint.js';
import type { Random } from '../model/random.js';
import type { Clock } from '../model/time.js';
import { ArrivalSchedule, type LinePlan } from './arrival-schedule.js';
import { connectLine } from './delay-line.js';
import type { ReleaseQueue } from './release-queue.js';

/** What a proxy does to one master's connections. */
export interface LinkPlan {
  /** Mean time that a request and its reply spend on the way together: half of it each way. */
  readonly roundTripMs: number;
  /**
   * The round trip stays within `roundTripMs ± jitterMs`. Each way draws its own half uniformly, so their sum is
   * triangular; bytes are never reordered, so what follows a late chunk waits for it.
   */
  readonly jitterMs: number;
  /** Limits what clients can send, for each connection; undefined: unlimited. Replies are never throttled. */
  readonly upstreamBytesPerSecond?: number | undefined;
}

export interface Link {
  readonly target: Endpoint['socket'];
  readonly plan: LinkPlan;
}

export interface ProxyContext {
  readonly queue: ReleaseQueue;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Listens on a free port of 127.0.0.1 and connects every client to the target through two delay lines. A target that
 * speaks TLS is spoken to in TLS; clients of the proxy never do. A refused connection reaches the client as a reset.
 */
export async function openTcpProxy(
  link: Link,
  context: ProxyContext,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    relay(client, link, context);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address, got none');
  return { server, port: address.port };
}

function relay(client: Socket, { target, plan }: Link, { queue, clock, random }: ProxyContext): void {
  const upstream = connectUpstream(target);
  const oneWay = { delayMs: plan.roundTripMs / 2, jitterMs: plan.jitterMs / 2 };
  const connectOneWay = (source: Socket, sink: Socket, bytesPerSecond: LinePlan['bytesPerSecond']): void => {
    const schedule = new ArrivalSchedule({ ...oneWay, bytesPerSecond }, random);
    connectLine({ source, sink, schedule, queue, clock });
  };
  connectOneWay(client, upstream, plan.upstreamBytesPerSecond);
  connectOneWay(upstream, client, undefined);
}

function connectUpstream(target: Endpoint['socket']): Socket {
  if (target.kind === 'unix') return connectTcp({ path: target.path, allowHalfOpen: true });
  const { host, port } = target;
  if (!target.tls) return connectTcp({ host, port, allowHalfOpen: true, noDelay: true });
  const socket = connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) });
  socket.setNoDelay(true);
  return socket;
}
