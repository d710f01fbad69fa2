/**
 * The proxies' process: its spinning and its forwarding must not slow down the workers, whose clocks measure it.
 *
 * @module
 */
import { seededRandom } from '../model/random.js';
import { systemClock } from '../model/time.js';
import type { ProxyReply, ProxyRequest } from './proxy-protocol.js';
import { ReleaseQueue } from './release-queue.js';
import { ServiceStation, type ServicePlan } from './service-station.js';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.js';

function serve(): void {
  const end = (): void => process.exit(0);
  // As for the supervisor: the run decides when it ends, and its death closes the channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', end);
  let proxies: readonly TcpProxy[] = [];
  process.on('message', (message) => {
    const request = message as ProxyRequest;
    if (request.kind === 'open') {
      void open(request).then((opened) => {
        proxies = opened;
      });
    } else {
      const proxy = proxies[request.index];
      if (request.kind === 'impair') proxy?.impair(request.impairment);
      if (proxy !== undefined) reply({ kind: 'counters', id: request.id, counters: proxy.counters() });
    }
  });
  reply({ kind: 'ready' });
  if (!process.connected) end();
}

async function open({ links, seed }: Extract<ProxyRequest, { kind: 'open' }>): Promise<readonly TcpProxy[]> {
  // One queue for all lines: each spinning on its own would only take turns.
  const queue = new ReleaseQueue(systemClock);
  const stations = new Map<number, ServiceStation>();
  try {
    const proxies = await Promise.all(
      links.map((link, index) =>
        openTcpProxy(link, {
          queue,
          clock: systemClock,
          random: seededRandom(seed, index),
          station: findStation(link.plan.service, stations),
        }),
      ),
    );
    reply({ kind: 'opened', ports: proxies.map(({ port }) => port) });
    return proxies;
  } catch (thrown) {
    reply({ kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) });
    return [];
  }
}

function findStation(plan: ServicePlan | undefined, stations: Map<number, ServiceStation>): ServiceStation | undefined {
  if (plan === undefined) return undefined;
  const station = stations.get(plan.station) ?? new ServiceStation(plan.ratePerSecond);
  stations.set(plan.station, station);
  return station;
}

function reply(message: ProxyReply): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

serve();
