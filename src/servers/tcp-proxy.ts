/**
 * A TCP proxy that puts an emulated line in front of a master.
 *
 * @module
 */
import { connect as connectTcp, createServer, Socket, type Server } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Endpoint } from '../model/endpoint.js';
import type { Random } from '../model/random.js';
import type { Clock } from '../model/time.js';
import { tlsOptions } from '../model/tls.js';
import { cut } from './delay-line.js';
import type { Impairment, LinkCounters } from './impairment.js';
import type { WayTally } from './line-gate.js';
import { ProxiedConnection } from './proxied-connection.js';
import type { ReleaseQueue } from './release-queue.js';
import type { ServicePlan, ServiceStation } from './service-station.js';

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
  /** How fast the master serves requests that have come the way, one after another; undefined: at its own speed. */
  readonly service?: ServicePlan | undefined;
}

export interface Link {
  readonly target: Endpoint['socket'];
  readonly plan: LinkPlan;
}

export interface ProxyContext {
  readonly queue: ReleaseQueue;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the plan's service; links to the same master share theirs. */
  readonly station?: ServiceStation | undefined;
}

/** A proxy that listens, and what can be done to the connections through it. */
export interface TcpProxy {
  readonly server: Server;
  readonly port: number;
  /** Applies at once to the connections that there are, and to those that come. */
  impair(impairment: Impairment): void;
  counters(): LinkCounters;
}

/**
 * Listens on a free port of 127.0.0.1 and connects every client to the target through two delay lines. A target that
 * speaks TLS is spoken to in TLS; clients of the proxy never do. A refused connection reaches the client as a reset.
 */
export async function openTcpProxy(link: Link, context: ProxyContext): Promise<TcpProxy> {
  const relay = new Relay(link, context);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    relay.take(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address, got none');
  return {
    server,
    port: address.port,
    impair: (impairment) => {
      relay.impair(impairment);
    },
    counters: () => relay.counters(),
  };
}

/** The connections of one link. */
class Relay {
  readonly #link: Link;
  readonly #context: ProxyContext;
  /** Until both of their sockets are closed. */
  readonly #connections = new Set<ProxiedConnection>();
  readonly #tallies = { requests: newTally(), replies: newTally() };
  #impairment: Impairment = { kind: 'pass' };
  #openClients = 0;
  #accepted = 0;
  #refused = 0;
  #resets = 0;

  constructor(link: Link, context: ProxyContext) {
    this.#link = link;
    this.#context = context;
  }

  take(client: Socket): void {
    if (this.#impairment.kind === 'cut') {
      this.#refused++;
      client.on('error', () => undefined);
      cut(client);
      return;
    }
    this.#accepted++;
    const { target, plan } = this.#link;
    // Nothing of a connection that opens in a black hole reaches the target.
    const upstream = this.#impairment.kind === 'blackhole' ? new Socket() : connectUpstream(target);
    const oneWay = { delayMs: plan.roundTripMs / 2, jitterMs: plan.jitterMs / 2 };
    const plans = {
      requests: { ...oneWay, bytesPerSecond: plan.upstreamBytesPerSecond },
      replies: { ...oneWay, bytesPerSecond: undefined },
    };
    const onReset = (): void => {
      this.#resets++;
    };
    // Of the two lines only that of the requests leads to the station.
    const { station, ...context } = this.#context;
    const options = { client, upstream, plans, tallies: this.#tallies, context, station, onReset };
    this.#keep(new ProxiedConnection(options, this.#impairment), client, upstream);
  }

  impair(impairment: Impairment): void {
    this.#impairment = impairment;
    for (const connection of this.#connections) connection.impair(impairment);
  }

  counters(): LinkCounters {
    const { requests, replies } = this.#tallies;
    return {
      connections: this.#openClients,
      accepted: this.#accepted,
      refused: this.#refused,
      resets: this.#resets,
      requestBytes: requests.deliveredBytes,
      replyBytes: replies.deliveredBytes,
      heldBytes: requests.heldBytes + replies.heldBytes,
      lostBytes: requests.lostBytes + replies.lostBytes,
    };
  }

  #keep(connection: ProxiedConnection, client: Socket, upstream: Socket): void {
    this.#openClients++;
    this.#connections.add(connection);
    let openSockets = 2;
    const onClose = (): void => {
      if (--openSockets === 0) this.#connections.delete(connection);
    };
    client.once('close', () => {
      this.#openClients--;
      onClose();
    });
    upstream.once('close', onClose);
  }
}

function newTally(): WayTally {
  return { deliveredBytes: 0, heldBytes: 0, lostBytes: 0 };
}

function connectUpstream(target: Endpoint['socket']): Socket {
  if (target.kind === 'unix') return connectTcp({ path: target.path, allowHalfOpen: true });
  const { host, port } = target;
  if (target.tls === false) return connectTcp({ host, port, allowHalfOpen: true, noDelay: true });
  const socket = connectTls({ host, port, ...tlsOptions(host, target.tls) });
  socket.setNoDelay(true);
  return socket;
}
