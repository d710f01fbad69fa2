/**
 * Lines in front of masters, in a process of their own.
 *
 * @module
 */
import { once } from 'node:events';
import type { Endpoint } from '../../src/model/endpoint.js';
import { EnvironmentError } from '../../src/model/errors.js';
import type { Link } from '../../src/servers/tcp-proxy.js';
import { endProcess, startProcess } from './own-process.js';

const START_TIMEOUT_MS = 10_000;

/** Lines that are open. Disposing ends their process, and with it every connection through it. */
export interface Lines extends AsyncDisposable {
  /** In the order of the masters: what clients connect to instead. */
  readonly endpoints: readonly Endpoint[];
}

/**
 * Opens a line to each master; the last one has a round trip of its own.
 *
 * @throws EnvironmentError when their process does not start
 */
export async function openLines(masters: readonly Endpoint[], lastRoundTripMs: number): Promise<Lines> {
  const links = masters.map(({ socket }, index): Link => {
    const isLast = index === masters.length - 1;
    return { target: socket, plan: { roundTripMs: isLast ? lastRoundTripMs : 0, jitterMs: 0 } };
  });
  const child = startProcess('line-process', links);
  // Nobody reads what it says of its own accord; an unread pipe would fill up.
  child.stderr?.resume();
  try {
    const [ports] = (await once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) })) as [number[]];
    return {
      endpoints: masters.map((master, index) => ({
        ...master,
        socket: { kind: 'tcp', host: '127.0.0.1', port: ports[index] ?? 0, tls: false },
      })),
      [Symbol.asyncDispose]: () => endProcess(child),
    };
  } catch (thrown) {
    await endProcess(child);
    throw new EnvironmentError('lines before the masters: expected their process to start, got none in 10 s', {
      cause: thrown,
    });
  }
}
