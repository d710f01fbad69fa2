/**
 * Where a master listens, and how to name it without its password.
 *
 * @module
 */
import type { TlsSettings } from './tls.js';

/** The address of one master; plain data, so that it can be sent to a worker thread. */
export interface Endpoint {
  readonly socket:
    | {
        readonly kind: 'tcp';
        readonly host: string;
        readonly port: number;
        /** `true`: with what Node trusts by itself. */
        readonly tls: boolean | TlsSettings;
      }
    | { readonly kind: 'unix'; readonly path: string };
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

/** Credentials for endpoints whose URL carries none. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The variables of the environment that hold these credentials. */
export const CREDENTIAL_VARIABLES = {
  username: 'REDLOCK_BENCH_USERNAME',
  password: 'REDLOCK_BENCH_PASSWORD',
} as const satisfies Readonly<Record<keyof Credentials, string>>;

/** The same for who keeps them from another process: what is added above is withheld there. */
export const SECRET_VARIABLES: readonly string[] = Object.values(CREDENTIAL_VARIABLES);

const DEFAULT_PORT = 6379;

/**
 * Parses `redis://`, `rediss://` (TLS) or `unix://` URLs: `redis://user:password@host:6379/0`, `unix:///run/redis.sock`.
 * A unix URL has no place for credentials; they come from `fallback`.
 *
 * @returns the endpoint, or undefined when the text is no such URL
 */
export function parseEndpoint(text: string, fallback: Credentials): Endpoint | undefined {
  const url = parseUrl(text);
  if (url === undefined) return undefined;
  const credentials = {
    username: url.username === '' ? fallback.username : decodeURIComponent(url.username),
    password: url.password === '' ? fallback.password : decodeURIComponent(url.password),
  };
  if (url.protocol === 'unix:') {
    const path = decodeURIComponent(url.pathname);
    return path.length > 1 ? { socket: { kind: 'unix', path }, ...credentials, database: 0 } : undefined;
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return undefined;
  const database = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : 0;
  if (url.hostname === '' || !Number.isInteger(database) || database < 0) return undefined;
  return {
    socket: {
      kind: 'tcp',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      tls: url.protocol === 'rediss:',
    },
    ...credentials,
    database,
  };
}

/** Undefined for what is no URL, and for a stray `%` in it, which cannot be decoded. */
function parseUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return url;
  } catch {
    return undefined;
  }
}

/** Names an endpoint for people and results: never with its password. */
export function describeEndpoint(endpoint: Endpoint): string {
  if (endpoint.socket.kind === 'unix') return `unix://${endpoint.socket.path}`;
  const { host, port, tls } = endpoint.socket;
  return `${tls !== false ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/**
 * Takes the user and the password out of everything in a text that looks like a URL, whether it could be read as one or
 * not: of `redis://me:secret@host:6379` there remains `redis://host:6379`.
 */
export function redactCredentials(text: string): string {
  // Up to the last @ of the word, for a password may contain anything; but not into the next URL of a list.
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)(?:(?!:\/\/)\S)*@/gi, '$1');
}

/** Whether what names a master, as results do, names one on this machine; false for what is no URL. */
export function isLocalUrl(text: string): boolean {
  const endpoint = parseEndpoint(text, { username: undefined, password: undefined });
  return endpoint !== undefined && isLocalEndpoint(endpoint);
}

/** Whether an endpoint is on this machine: a unix socket, `localhost`, 127.0.0.0/8 or ::1. */
export function isLocalEndpoint(endpoint: Endpoint): boolean {
  if (endpoint.socket.kind === 'unix') return true;
  const { host } = endpoint.socket;
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
