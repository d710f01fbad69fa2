/**
 * The run's side of the proxies' process.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { limitTime } from '../model/time-limit.js';
import type { Impairment, LinkCounters } from './impairment.js';
import type { ProxyReply, ProxyRequest } from './proxy-protocol.js';
import { Sidecar } from './sidecar.js';
import type { LinkPlan } from './tcp-proxy.js';

/** A master, or whatever else listens, and what a proxy in front of it does. */
export interface ProxiedMaster {
  readonly endpoint: Endpoint;
  readonly plan: LinkPlan;
}

/** Proxies in front of masters. Disposing ends their process, and with it every connection through it. */
export interface Proxies extends AsyncDisposable {
  /** In the order of what was given: what clients connect to instead. */
  readonly endpoints: readonly Endpoint[];
  readonly pid: number;
  /**
   * Replaces what is done to one link, counted from 0; resolves when the proxy has applied it. `{ kind: 'pass' }` heals.
   *
   * @throws EnvironmentError when the process of the proxies is gone, or silent for 5 s
   */
  impair(index: number, impairment: Impairment): Promise<void>;
  /** @throws EnvironmentError when the process of the proxies is gone, or silent for 5 s */
  counters(index: number): Promise<LinkCounters>;
}

/**
 * Opens one proxy for each entry, all in one process; a master may have several.
 *
 * @throws EnvironmentError when the process does not start or a port cannot be opened
 */
export async function openProxies(
  proxied: readonly ProxiedMaster[],
  seed: number,
  environment: NodeJS.ProcessEnv,
): Promise<Proxies> {
  let hear: (reply: ProxyReply) => void = () => undefined;
  const opened = new Promise<ProxyReply>((resolve) => (hear = resolve));
  const waiting = new Map<number, (counters: LinkCounters) => void>();
  const sidecar = await Sidecar.start<ProxyRequest>('tcp-proxy-process', environment, (message) => {
    const reply = message as ProxyReply;
    if (reply.kind !== 'counters') hear(reply);
    else waiting.get(reply.id)?.(reply.counters);
  });
  const links = proxied.map(({ endpoint, plan }) => ({ target: endpoint.socket, plan }));
  sidecar.send({ kind: 'open', links, seed });
  const reply = await Promise.race([opened, sidecar.ended]);
  if (typeof reply === 'string' || reply.kind !== 'opened') {
    await sidecar[Symbol.asyncDispose]();
    const reason = typeof reply === 'object' && reply.kind === 'failed' ? reply.reason : 'the end of their process';
    throw new EnvironmentError(
      `proxies: expected one in front of each master, got ${reason}; ` +
        'try again without --rtt, without --service-rate and without faults on the way to masters',
    );
  }

  let nextId = 0;
  const ask = async (index: number, question: Question): Promise<LinkCounters> => {
    if (proxied[index] === undefined) {
      throw new RangeError(`proxies: expected one of ${String(proxied.length)}, got number ${String(index)}`);
    }
    const id = nextId++;
    const answer = new Promise<LinkCounters>((resolve) => waiting.set(id, resolve));
    try {
      sidecar.send({ ...question, id, index });
      const counters = await limitTime(
        Promise.race([answer, sidecar.ended]),
        ANSWER_LIMIT_MS,
        'an answer',
        (message) => new EnvironmentError(`proxies: ${message}; was their process stopped from outside?`),
      );
      if (typeof counters === 'object') return counters;
    } finally {
      waiting.delete(id);
    }
    throw new EnvironmentError(
      'proxies: expected an answer, got the end of their process; was it killed from outside?',
    );
  };
  return {
    pid: sidecar.pid,
    endpoints: proxied.map(({ endpoint }, index) => ({
      ...endpoint,
      // TLS, where there is any, is the proxy's: its certificate names the master, not this port.
      socket: { kind: 'tcp', host: '127.0.0.1', port: reply.ports[index] ?? 0, tls: false },
    })),
    impair: async (index, impairment) => {
      await ask(index, { kind: 'impair', impairment });
    },
    counters: (index) => ask(index, { kind: 'count' }),
    [Symbol.asyncDispose]: () => sidecar[Symbol.asyncDispose](),
  };
}

const ANSWER_LIMIT_MS = 5_000;

type Question = { readonly kind: 'impair'; readonly impairment: Impairment } | { readonly kind: 'count' };
