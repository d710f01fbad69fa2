/**
 * A port for a server that will be killed and must come back to it.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const ATTEMPTS = 50;
/** Below it are ports that well-known services have. */
const FIRST_PORT = 10_000;
/** Below it are ports that only an administrator may open. */
const LOWEST_PORT = 1_024;
const LAST_PORT = 65_535;
/** What is there in fewer ports is soon taken. */
const ENOUGH_PORTS = 200;
/** What Linux gives to outgoing connections, where nothing else was set. */
const USUAL_EPHEMERAL = '32768 60999';

/** Ports from the first to the last, both included. */
interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Finds a port of 127.0.0.1 on which nobody listens now, beside those that the kernel gives to outgoing connections:
 * while a server is down, a client that tries to reach it could be given its port, reach itself, and keep it.
 */
export async function findFreePort(): Promise<number> {
  const range = quietPorts(readEphemeralRange());
  for (let attempt = 0; range !== undefined && attempt < ATTEMPTS; attempt++) {
    const port = await tryListening(randomInt(range.first, range.last + 1));
    if (port !== undefined) return port;
  }
  // Whatever the kernel has.
  return (await tryListening(0)) ?? 0;
}

/**
 * The ports for servers beside those for outgoing connections, which `/proc/sys/net/ipv4/ip_local_port_range` gives as
 * two numbers; undefined when those leave too few.
 */
export function quietPorts(ephemeral: string): PortRange | undefined {
  const [low = NaN, high = NaN] = ephemeral.trim().split(/\s+/).map(Number);
  if (!(Number.isInteger(low) && Number.isInteger(high) && low <= high)) return quietPorts(USUAL_EPHEMERAL);
  const candidates: readonly PortRange[] = [
    { first: FIRST_PORT, last: Math.min(low - 1, LAST_PORT) },
    { first: Math.max(high + 1, FIRST_PORT), last: LAST_PORT },
    { first: LOWEST_PORT, last: Math.min(low - 1, LAST_PORT) },
  ];
  return candidates.find(({ first, last }) => last - first + 1 >= ENOUGH_PORTS);
}

function readEphemeralRange(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  } catch {
    return USUAL_EPHEMERAL;
  }
}

/** Whether nobody listens on a port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryListening(port)) !== undefined;
}

function tryListening(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(address === null || typeof address === 'string' ? undefined : address.port);
      });
    });
  });
}
