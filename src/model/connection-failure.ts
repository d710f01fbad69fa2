/**
 * Why a connection failed, in words that may be shown, and what to do about it.
 *
 * @module
 */
import { toError } from './errors.js';

/**
 * The message of an error of a connection, without what it repeats of our commands: a server that does not know AUTH
 * quotes its arguments, and so the password. An error for every address of a host has no message of its own, and
 * OpenSSL's names a line of its own source.
 */
export function describeFailure(thrown: unknown): string {
  const error = toError(thrown);
  if (error instanceof AggregateError && error.message === '') {
    return (error.errors as readonly unknown[]).map(describeFailure).join(', ');
  }
  const fromOpenSsl = /:SSL routines:[^:]*:([^:]+):/.exec(error.message)?.[1];
  return fromOpenSsl ?? error.message.replace(/, with args beginning with.*/s, '');
}

/**
 * The sentence about a master that cannot be reached: expected, got, fix.
 *
 * @param name as of `describeEndpoint`
 * @param got as of `describeFailure`
 */
export function describeUnreachable(name: string, got: string): string {
  return `${name}: expected a Redis server, got ${got}; ${advise(name, got)}`;
}

function advise(name: string, got: string): string {
  const fixes = name.startsWith('rediss:') ? TLS_FIXES : name.startsWith('redis:') ? PLAIN_FIXES : [];
  return fixes.find(([pattern]) => pattern.test(got))?.[1] ?? 'start it or correct the endpoint';
}

type Fix = readonly [pattern: RegExp, fix: string];

/** In the words of Node, of ioredis and of our own; not those for a connection that we have closed ourselves. */
const LOST = /ECONNRESET|EPIPE|connection (is closed|was lost)/i;

const TLS_FIXES: readonly Fix[] = [
  [
    // What the server says of our certificate, before what we say of its: the words are the same.
    /alert (certificate (required|expired|revoked|unknown)|unsupported certificate|unknown ca|bad certificate|handshake failure)/i,
    'it asks for a certificate of ours that it trusts: give --tls-cert and --tls-key (tls.cert and tls.key in the library)',
  ],
  [/expired/i, "renew the server's certificate"],
  [/not yet valid/i, "compare the clocks of both machines, or renew the server's certificate"],
  [/altnames/i, 'use a host that its certificate names'],
  [/certificate/i, 'name the file of the authority that signed its certificate: --tls-ca (tls.ca in the library)'],
  [
    // A plain server waits for the end of what it takes for a long command.
    /ETIMEDOUT|no answer|wrong version number|before secure TLS|packet length/i,
    'if it speaks no TLS, its URL begins with redis://; else start it or correct the endpoint',
  ],
  [
    // The alert that says so may be lost behind the end of the connection.
    LOST,
    'if it asks for a certificate of ours, give --tls-cert and --tls-key (tls.cert and tls.key in the library)',
  ],
];

const PLAIN_FIXES: readonly Fix[] = [
  [LOST, 'if it speaks TLS, its URL begins with rediss://; else start it or correct the endpoint'],
];
