/**
 * The way to the masters of a test: the same suites run over unix sockets, TCP and TLS, in RESP2 and RESP3, and as a user
 * with the documented rights only. The variables are set by `vitest.servers.config.mjs`; without them clients come over a
 * unix socket as anybody.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Endpoint } from '../model/endpoint.js';
import { findFreePort } from '../servers/free-port.js';
import { allowedRights } from './rights.fixture.js';

/** How clients reach one master. */
export interface TestWay {
  /** What the server is started with, beside a unix socket. */
  readonly serverArguments: readonly string[];
  /** Undefined: the unix socket, as anybody. */
  readonly endpoint: Endpoint | undefined;
  /** Makes the user of the endpoint, on a server that has just started. */
  readonly admit: (admin: Redis) => Promise<void>;
}

/** Whether the masters are told to know no RESP3, in which alone the wire transport is woken. */
export const SPEAKS_RESP3 = process.env['REDLOCK_TEST_PROTOCOL'] !== '2';

const USER = 'locker';
const PASSWORD = 'test-way';

/** Reads the way from the environment: `REDLOCK_TEST_SOCKET` (TLS with `_CERTIFICATE` and `_KEY`), `_PROTOCOL` and `_USER`. */
export async function openWay(folder: string): Promise<TestWay> {
  const { REDLOCK_TEST_SOCKET: kind = 'unix', REDLOCK_TEST_USER: user = 'anybody' } = process.env;
  // Clients ask for RESP3 first, and no server can be told to refuse it but in this way.
  const common = SPEAKS_RESP3 ? [] : ['--rename-command', 'HELLO', ''];
  const isLeast = user === 'least';
  const credentials = isLeast ? { username: USER, password: PASSWORD } : { username: undefined, password: undefined };
  const { serverArguments, socket } = await openSocket(kind, folder);
  const isDefault = kind === 'unix' && !isLeast;
  return {
    serverArguments: [...serverArguments, ...common],
    endpoint: isDefault ? undefined : { socket, ...credentials, database: 0 },
    admit: async (admin) => {
      // The suites have keys of any name, and one of them uses another database.
      if (isLeast) {
        const rights = await allowedRights(admin, '');
        await admin.acl('SETUSER', USER, 'reset', 'on', `>${PASSWORD}`, ...rights, '+select');
      }
    },
  };
}

interface TestSocket {
  readonly serverArguments: readonly string[];
  readonly socket: Endpoint['socket'];
}

async function openSocket(kind: string, folder: string): Promise<TestSocket> {
  if (kind === 'unix') {
    return { serverArguments: ['--port', '0'], socket: { kind: 'unix', path: join(folder, 'redis.sock') } };
  }
  const host = 'localhost';
  const port = await findFreePort();
  if (kind === 'tcp') {
    return { serverArguments: ['--port', String(port)], socket: { kind: 'tcp', host, port, tls: false } };
  }
  const { REDLOCK_TEST_CERTIFICATE: certificate = '', REDLOCK_TEST_KEY: key = '' } = process.env;
  // It is its own authority, and both sides show it.
  const [ca, keyText] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')]);
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  return {
    serverArguments: ['--port', '0', '--tls-port', String(port), ...files, '--tls-auth-clients', 'yes'],
    socket: { kind: 'tcp', host, port, tls: { ca, cert: ca, key: keyText } },
  };
}
