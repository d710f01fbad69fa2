/**
 * The run's side of the proxies' process.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { ProxyReply, ProxyRequest } from './proxy-protocol.js';
import { Sidecar } from './sidecar.js';
import type { LinkPlan } from './tcp-proxy.js';

/** A master, and what a proxy in front of it does. */
export interface ProxiedMaster {
  readonly endpoint: Endpoint;
  readonly plan: LinkPlan;
}

/** Proxies in front of masters. Disposing ends their process, and with it every connection through it. */
export interface Proxies extends AsyncDisposable {
  /** In the order of what was given: what clients connect to instead. */
  readonly endpoints: readonly Endpoint[];
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
  const answer = new Promise<ProxyReply>((resolve) => (hear = resolve));
  const sidecar = await Sidecar.start<ProxyRequest>('tcp-proxy-process', environment, (reply) => {
    hear(reply as ProxyReply);
  });
  const links = proxied.map(({ endpoint, plan }) => ({ target: endpoint.socket, plan }));
  sidecar.send({ kind: 'open', links, seed });
  const reply = await Promise.race([answer, sidecar.ended]);
  if (typeof reply === 'string' || reply.kind !== 'opened') {
    await sidecar[Symbol.asyncDispose]();
    const reason = typeof reply === 'object' && reply.kind === 'failed' ? reply.reason : 'the end of their process';
    throw new EnvironmentError(`--rtt: expected a proxy for each master, got ${reason}; try again without --rtt`);
  }
  return {
    endpoints: proxied.map(({ endpoint }, index) => ({
      ...endpoint,
      // TLS, where there is any, is the proxy's: its certificate names the master, not this port.
      socket: { kind: 'tcp', host: '127.0.0.1', port: reply.ports[index] ?? 0, tls: false },
    })),
    [Symbol.asyncDispose]: () => sidecar[Symbol.asyncDispose](),
  };
}
