/**
 * How a TLS connection to a master is made, whichever client makes it.
 *
 * @module
 */
import { isIP } from 'node:net';

/** What a TLS connection needs beyond what Node trusts by itself. Texts in PEM, not paths. */
export interface TlsSettings {
  /** The certificates of the authorities that may have signed the server's; nobody else is trusted then. */
  readonly ca?: string | undefined;
  /** The client's own certificate, for servers that ask for one; together with `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate must carry, where that is not the host. */
  readonly servername?: string | undefined;
}

/** What `tls.connect` and every Redis client understand. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
}

/** The options of one connection. Without a server name a certificate for one of several hosts at an address is not found. */
export function tlsOptions(host: string, tls: true | TlsSettings): TlsOptions {
  const { ca, cert, key, servername = isIP(host) === 0 ? host : undefined } = tls === true ? {} : tls;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  };
}
