/**
 * The process of the lines that stand before masters: all alike, but that one may be long.
 *
 * A run's own proxies spin on the event loop to be precise to microseconds. On a small machine the spinning for one
 * long line would slow down everything else, and the comparison would measure that. Here timers will do.
 *
 * @module
 */
import { freshSeed, seededRandom } from '../../src/model/random.js';
import { nsToMs, systemClock, type Ns } from '../../src/model/time.js';
import { ReleaseQueue } from '../../src/servers/release-queue.js';
import { openTcpProxy, type Link } from '../../src/servers/tcp-proxy.js';

class TimerQueue extends ReleaseQueue {
  /** Bytes stay in order: a line's delay is constant, and timers of one whole number of ms fire in the order of setting. */
  override add(dueNs: Ns, action: () => void): void {
    const delayMs = Math.ceil(nsToMs(dueNs - systemClock.nowNs()));
    if (delayMs > 0) setTimeout(action, delayMs);
    else setImmediate(action);
  }
}

// The parent ends this process, by closing the channel or by its own death; it decides alone when.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);

const context = { queue: new TimerQueue(systemClock), clock: systemClock, random: seededRandom(freshSeed()) };
const links = JSON.parse(process.argv[2] ?? '') as readonly Link[];
const proxies = await Promise.all(links.map((link) => openTcpProxy(link, context)));
process.send?.(
  proxies.map(({ port }) => port),
  undefined,
  undefined,
  () => undefined,
);
