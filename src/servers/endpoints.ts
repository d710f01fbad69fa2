/**
 * Reads the URLs of running masters and the files for TLS, and refuses hosts that the user did not name twice. Nothing is
 * connected here.
 *
 * @module
 */
import {
  CREDENTIAL_VARIABLES,
  isLocalEndpoint,
  parseEndpoint,
  type Credentials,
  type Endpoint,
} from '../model/endpoint.js';
import { GuardError, UsageError } from '../model/errors.js';
import type { Scenario } from '../model/scenario.js';
import type { TlsSettings } from '../model/tls.js';
import { readTlsFiles } from './tls-files.js';

/**
 * The endpoints of a scenario, with the credentials of the environment where a URL has none.
 *
 * @throws UsageError for malformed URLs and files, GuardError for hosts without `--allow-remote`: each with every problem, none
 * with a password
 */
export function readEndpoints(scenario: Scenario, environment: NodeJS.ProcessEnv): Endpoint[] {
  const credentials: Credentials = {
    username: environment[CREDENTIAL_VARIABLES.username],
    password: environment[CREDENTIAL_VARIABLES.password],
  };
  const tls = readTlsFiles(scenario);
  const malformed: string[] = [];
  const endpoints: Endpoint[] = [];
  scenario.endpoints.forEach((url, index) => {
    const endpoint = parseEndpoint(url, credentials);
    if (endpoint !== undefined) endpoints.push(secure(endpoint, tls));
    else malformed.push(describeMalformed(url, index));
  });
  if (malformed.length > 0) throw new UsageError(malformed);

  const refused = findRemote(endpoints, scenario.allowRemote);
  if (refused.length > 0) throw new GuardError(refused.join('\n'));
  return endpoints;
}

/** Only where the URL asks for TLS: a plain endpoint beside others stays plain. */
function secure(endpoint: Endpoint, tls: TlsSettings | undefined): Endpoint {
  const { socket } = endpoint;
  if (tls === undefined || socket.kind === 'unix' || socket.tls === false) return endpoint;
  return { ...endpoint, socket: { ...socket, tls } };
}

/** What can be echoed of a URL that could not be read: its scheme and, if it is told apart, its host. */
export function redactUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  const rest = url.slice(scheme.length);
  const at = rest.lastIndexOf('@');
  const credentials = at === -1 ? '' : '…@';
  // Without an @ a password may follow any colon, so only what stands before the first one is shown.
  const host = at === -1 ? /^[^:?#]*/.exec(rest)?.[0] : /^[^?#]*/.exec(rest.slice(at + 1))?.[0];
  const shown = `${scheme}${credentials}${host ?? ''}`;
  return shown.length < url.length && credentials === '' ? `${shown}…` : shown;
}

function describeMalformed(url: string, index: number): string {
  return (
    `--endpoint ${String(index + 1)}: expected redis://host:6379, rediss://host:6379 (TLS) or unix:///path, got ${redactUrl(url)}; ` +
    'percent-encode special characters in user and password, or give them as ' +
    `${CREDENTIAL_VARIABLES.username} and ${CREDENTIAL_VARIABLES.password}`
  );
}

function findRemote(endpoints: readonly Endpoint[], allowed: readonly string[]): string[] {
  const names = new Set(allowed.map((host) => host.toLowerCase()));
  const hosts = new Set<string>();
  for (const endpoint of endpoints) {
    if (isLocalEndpoint(endpoint) || endpoint.socket.kind === 'unix') continue;
    if (!names.has(endpoint.socket.host.toLowerCase())) hosts.add(endpoint.socket.host);
  }
  return [...hosts].map(
    (host) =>
      `--endpoint: expected a server on this machine, got the host ${host}; ` +
      `a load test can take it down: if it is yours to load, add --allow-remote ${host}`,
  );
}
