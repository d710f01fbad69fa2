/**
 * A port for a server that will be killed and must come back to it.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const ATTEMPTS = 50;
const FIRST_PORT = 10_000;
/** What Linux gives to outgoing connections begins here, where nothing else was set. */
const USUAL_FIRST_EPHEMERAL = 32_768;

/**
 * Finds a port of 127.0.0.1 on which nobody listens now, below those that the kernel gives to outgoing connections:
 * while a server is down, a client that tries to reach it could be given its port, reach itself, and keep it.
 */
export async function findFreePort(): Promise<number> {
  const end = Math.max(FIRST_PORT + 1, firstEphemeralPort());
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await tryListening(randomInt(FIRST_PORT, end));
    if (port !== undefined) return port;
  }
  // Whatever the kernel has.
  return (await tryListening(0)) ?? 0;
}

function firstEphemeralPort(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    return USUAL_FIRST_EPHEMERAL;
  }
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
