/**
 * The proxies' process: its spinning and its forwarding must not slow down the workers, whose clocks measure it.
 *
 * @module
 */
import { seededRandom } from '../model/random.js';
import { systemClock } from '../model/time.js';
import type { ProxyReply, ProxyRequest } from './proxy-protocol.js';
import { ReleaseQueue } from './release-queue.js';
import { openTcpProxy } from './tcp-proxy.js';

function serve(): void {
  const end = (): void => process.exit(0);
  // As for the supervisor: the run decides when it ends, and its death closes the channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', end);
  process.on('message', (message) => {
    void open(message as ProxyRequest).then(reply);
  });
  reply({ kind: 'ready' });
  if (!process.connected) end();
}

async function open({ links, seed }: ProxyRequest): Promise<ProxyReply> {
  // One queue for all lines: each spinning on its own would only take turns.
  const queue = new ReleaseQueue(systemClock);
  try {
    const proxies = await Promise.all(
      links.map((link, index) => openTcpProxy(link, { queue, clock: systemClock, random: seededRandom(seed, index) })),
    );
    return { kind: 'opened', ports: proxies.map(({ port }) => port) };
  } catch (thrown) {
    return { kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function reply(message: ProxyReply): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

serve();
