/**
 * How a spawned server is configured: everything that a lock could notice is pinned, nothing is read from a file.
 *
 * @module
 */
import type { ServerBinary } from './locate.js';
import type { ServerSettings } from './spawned-server.js';

/** Where a spawned server listens. The path of a unix socket is relative to the server's folder. */
export type Listen = { readonly kind: 'tcp'; readonly port: number } | { readonly kind: 'unix'; readonly path: string };

/** What Redis has done by default since 7.0: after so many seconds if so many keys were changed. */
const USUAL_SAVE_POINTS = '3600 1 300 100 60 10000';

/** The command line of a server that listens on 127.0.0.1 or a unix socket and keeps its files where it is started. */
export function serverArguments(
  server: ServerBinary,
  listen: Listen,
  { persistence, replicaOf }: Pick<ServerSettings, 'persistence' | 'replicaOf'>,
): string[] {
  const hasAppendOnlyFile = persistence === 'everysec' || persistence === 'always';
  const settings: Record<string, string> = {
    ...(listen.kind === 'tcp'
      ? { port: String(listen.port), bind: '127.0.0.1' }
      : { port: '0', unixsocket: listen.path, unixsocketperm: '700' }),
    'protected-mode': 'yes',
    daemonize: 'no',
    loglevel: 'notice',
    save: persistence === 'snapshots' ? USUAL_SAVE_POINTS : '',
    appendonly: hasAppendOnlyFile ? 'yes' : 'no',
    appendfsync: hasAppendOnlyFile ? persistence : 'no',
    // Would let SIGKILL lose what `always` promised whenever a rewrite goes on.
    'no-appendfsync-on-rewrite': 'no',
    maxmemory: '0',
    'maxmemory-policy': 'noeviction',
    // A master would wait five seconds for further replicas before it sends the first one its data.
    'repl-diskless-sync-delay': '0',
    ...(hasDebugSwitch(server) ? { 'enable-debug-command': 'no' } : {}),
  };
  const replica = replicaOf === undefined ? [] : ['--replicaof', replicaOf.host, String(replicaOf.port)];
  return [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...replica];
}

/** Redis since 7.0, and every Valkey; older servers refuse to start with a setting that they do not know. */
function hasDebugSwitch({ name, version }: ServerBinary): boolean {
  return name === 'valkey' || (name === 'redis' && Number.parseInt(version, 10) >= 7);
}
