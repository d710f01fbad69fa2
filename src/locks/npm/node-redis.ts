/**
 * The node-redis clients of libraries that take no other: the user's copy, with its own defaults.
 *
 * @module
 */
import { describeFailure, describeUnreachable } from '../../model/connection-failure.js';
import { describeEndpoint, type Endpoint } from '../../model/endpoint.js';
import { EnvironmentError } from '../../model/errors.js';
import { tlsOptions } from '../../model/tls.js';
import { CONNECT_TIMEOUT_MS } from '../../redlock/limits.js';

/** What is used of a node-redis client, version 4 or later. */
export interface NodeRedis {
  on(event: string, listener: (...values: unknown[]) => unknown): unknown;
  connect(): Promise<unknown>;
  quit(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  /** From version 5; before it, `disconnect` does the same. */
  destroy?(): void;
  duplicate(): NodeRedis;
  set(key: string, value: unknown, options: object): Promise<unknown>;
  del(key: string): Promise<number>;
}

/** @throws EnvironmentError when the master cannot be reached */
async function connectNodeRedis(library: unknown, endpoint: Endpoint): Promise<NodeRedis> {
  const { createClient } = library as { createClient: (options: object) => NodeRedis };
  const client = createClient(optionsFor(endpoint));
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<unknown>((resolve, reject) => {
      // Stays: an error without a listener would end the thread.
      client.on('error', reject);
      client.connect().then(resolve, reject);
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`));
      }, CONNECT_TIMEOUT_MS);
    });
  } catch (error) {
    await endNodeRedis(client);
    throw new EnvironmentError(describeUnreachable(describeEndpoint(endpoint), describeFailure(error)), {
      cause: new Error(describeFailure(error)),
    });
  } finally {
    clearTimeout(timer);
  }
  return client;
}

/** Connects, and builds what locks on the connection, which is closed when that fails. */
export async function openOnNodeRedis<T>(
  library: unknown,
  endpoint: Endpoint,
  build: (client: NodeRedis) => T,
): Promise<T> {
  const client = await connectNodeRedis(library, endpoint);
  try {
    return build(client);
  } catch (error) {
    await endNodeRedis(client);
    throw error;
  }
}

/** Closes at once; what is under way fails. Never rejects: who is not connected needs no closing. */
export async function endNodeRedis(client: NodeRedis): Promise<void> {
  try {
    if (client.destroy === undefined) await client.disconnect();
    else client.destroy();
  } catch {
    // It was closed already.
  }
}

function optionsFor({ socket, username, password, database }: Endpoint): object {
  return {
    socket: socket.kind === 'unix' ? { path: socket.path } : tcpOptionsFor(socket),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
  };
}

function tcpOptionsFor({ host, port, tls }: Extract<Endpoint['socket'], { kind: 'tcp' }>): object {
  return tls === false ? { host, port } : { host, port, tls: true, ...tlsOptions(host, tls) };
}
