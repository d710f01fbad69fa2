/**
 * Who else uses a server, read from CLIENT LIST.
 *
 * @module
 */

/** Another client of a server, and what it last did. */
export interface OtherClient {
  readonly address: string;
  /** Lower case, without subcommand. */
  readonly lastCommand: string;
}

/**
 * Commands that watch a server, set up a connection or replicate. `null` is what the list says of a connection that
 * has sent nothing yet.
 */
const WATCHING: ReadonlySet<string> = new Set([
  ...[
    'acl',
    'auth',
    'client',
    'command',
    'config',
    'dbsize',
    'hello',
    'info',
    'latency',
    'memory',
    'module',
    'monitor',
  ],
  ...['null', 'ping', 'psync', 'quit', 'replconf', 'reset', 'role', 'select', 'slowlog', 'sync', 'time'],
]);

/** The clients other than ours that do more than watch. */
export function findUsers(clientList: string, ownId: string): OtherClient[] {
  return clientList
    .split('\n')
    .map(readFields)
    .filter((fields) => fields.has('id') && fields.get('id') !== ownId)
    .map((fields) => ({
      address: fields.get('addr') ?? 'unknown',
      lastCommand: (fields.get('cmd') ?? 'unknown').toLowerCase().replace(/\|.*$/, ''),
    }))
    .filter(({ lastCommand }) => !WATCHING.has(lastCommand));
}

function readFields(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const word of line.trim().split(' ')) {
    const equals = word.indexOf('=');
    if (equals > 0) fields.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return fields;
}
