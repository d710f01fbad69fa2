/**
 * How a spawned server is configured: everything that a lock could notice is pinned, nothing is read from a file.
 *
 * @module
 */
import type { Persistence } from '../model/scenario.js';
import type { ServerBinary } from './locate.js';

/** Where a spawned server listens. The path of a unix socket is relative to the server's folder. */
export type Listen = { readonly kind: 'tcp'; readonly port: number } | { readonly kind: 'unix'; readonly path: string };

/** The command line of a server that listens on 127.0.0.1 or a unix socket and keeps its files where it is started. */
export function serverArguments(server: ServerBinary, listen: Listen, persistence: Persistence): string[] {
  const settings: Record<string, string> = {
    ...(listen.kind === 'tcp'
      ? { port: String(listen.port), bind: '127.0.0.1' }
      : { port: '0', unixsocket: listen.path, unixsocketperm: '700' }),
    'protected-mode': 'yes',
    daemonize: 'no',
    loglevel: 'notice',
    save: '',
    appendonly: persistence === 'none' ? 'no' : 'yes',
    appendfsync: persistence === 'none' ? 'no' : persistence,
    // Would let SIGKILL lose what `always` promised whenever a rewrite goes on.
    'no-appendfsync-on-rewrite': 'no',
    maxmemory: '0',
    'maxmemory-policy': 'noeviction',
    ...(hasDebugSwitch(server) ? { 'enable-debug-command': 'no' } : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Redis since 7.0, and every Valkey; older servers refuse to start with a setting that they do not know. */
function hasDebugSwitch({ name, version }: ServerBinary): boolean {
  return name === 'valkey' || (name === 'redis' && Number.parseInt(version, 10) >= 7);
}
