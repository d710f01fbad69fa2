/**
 * An endpoint in the words of ioredis, which several connections and libraries share.
 *
 * @module
 */
import type { Endpoint } from './endpoint.js';
import { tlsOptions, type TlsOptions } from './tls.js';

/** What any copy of ioredis understands of an endpoint. */
export interface EndpointOptions {
  path?: string;
  host?: string;
  port?: number;
  tls?: TlsOptions;
  username?: string;
  password?: string;
  db: number;
}

/** Where an endpoint is, and who may enter. */
export function endpointOptions({ socket, username, password, database }: Endpoint): EndpointOptions {
  return {
    ...(socket.kind === 'unix' ? { path: socket.path } : { host: socket.host, port: socket.port }),
    ...(socket.kind === 'tcp' && socket.tls !== false ? { tls: tlsOptions(socket.host, socket.tls) } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    db: database,
  };
}
