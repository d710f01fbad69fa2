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

/** Proxies in front of masters. Disposing ends their process, and with it every connection through it. */
export interface Proxies extends AsyncDisposable {
  /** In the order of the endpoints: what clients connect to instead. */
  readonly endpoints: readonly Endpoint[];
}

/**
 * Opens one proxy for each endpoint, with the plan of the same index, all in one process.
 *
 * @throws EnvironmentError when the process does not start or a port cannot be opened
 */
export async function openProxies(
  endpoints: readonly Endpoint[],
  plans: readonly LinkPlan[],
  seed: number,
  environment: NodeJS.ProcessEnv,
): Promise<Proxies> {
  let hear: (reply: ProxyReply) => void = () => undefined;
  const answer = new Promise<ProxyReply>((resolve) => (hear = resolve));
  const sidecar = await Sidecar.start<ProxyRequest>('tcp-proxy-process', environment, (reply) => {
    hear(reply as ProxyReply);
  });
  const links = endpoints.map(({ socket: target }, index) => ({ target, plan: plans[index] ?? PASS }));
  sidecar.send({ kind: 'open', links, seed });
  const reply = await Promise.race([answer, sidecar.ended]);
  if (typeof reply === 'string' || reply.kind !== 'opened') {
    await sidecar[Symbol.asyncDispose]();
    const reason = typeof reply === 'object' && reply.kind === 'failed' ? reply.reason : 'the end of their process';
    throw new EnvironmentError(`--rtt: expected a proxy for each master, got ${reason}; try again without --rtt`);
  }
  return {
    endpoints: endpoints.map((endpoint, index) => ({
      ...endpoint,
      // TLS, where there is any, is the proxy's: its certificate names the master, not this port.
      socket: { kind: 'tcp', host: '127.0.0.1', port: reply.ports[index] ?? 0, tls: false },
    })),
    [Symbol.asyncDispose]: () => sidecar[Symbol.asyncDispose](),
  };
}

const PASS: LinkPlan = { roundTripMs: 0, jitterMs: 0 };
