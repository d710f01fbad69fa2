import { describe, expect, it } from 'vitest';
import type { ServerBinary } from './locate.js';
import { serverArguments } from './server-arguments.js';

const REDIS_7: ServerBinary = { path: '/bin/redis-server', argv0: 'redis-server', name: 'redis', version: '7.0.15' };
const TCP = { kind: 'tcp', port: 7_001 } as const;

function settings(args: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let index = 0; index < args.length; index += 2) pairs[args[index]!.replace(/^--/, '')] = args[index + 1]!;
  return pairs;
}

describe('serverArguments', () => {
  it.each([
    ['none', 'no', 'no'],
    ['everysec', 'yes', 'everysec'],
    ['always', 'yes', 'always'],
  ] as const)(
    'pins persistence %s to appendonly %s and appendfsync %s, and never snapshots',
    (persistence, aof, fsync) => {
      expect(settings(serverArguments(REDIS_7, TCP, { persistence }))).toMatchObject({
        appendonly: aof,
        appendfsync: fsync,
        save: '',
        'maxmemory-policy': 'noeviction',
      });
    },
  );

  it('takes snapshots at the usual save points, without an append-only file, where it is asked to', () => {
    expect(settings(serverArguments(REDIS_7, TCP, { persistence: 'snapshots' }))).toMatchObject({
      appendonly: 'no',
      save: '3600 1 300 100 60 10000',
    });
  });

  it('names the master of a replica by its host and port', () => {
    const replicaOf = { host: '127.0.0.1', port: 7_002 };
    const args = serverArguments(REDIS_7, TCP, { persistence: 'none', replicaOf });
    expect(args.slice(args.indexOf('--replicaof'))).toEqual(['--replicaof', '127.0.0.1', '7002']);
  });

  it('listens on loopback, or on nothing but its socket', () => {
    expect(settings(serverArguments(REDIS_7, TCP, { persistence: 'none' }))).toMatchObject({
      port: '7001',
      bind: '127.0.0.1',
    });
    const unix = settings(serverArguments(REDIS_7, { kind: 'unix', path: 'redis.sock' }, { persistence: 'none' }));
    expect(unix).toMatchObject({ port: '0', unixsocket: 'redis.sock' });
    expect(unix).not.toHaveProperty('bind');
  });

  it.each([
    ['redis', '7.0.15', true],
    ['valkey', '7.2.5', true],
    ['redis', '6.2.14', false],
    ['keydb', '7.0.0', false],
  ] as const)('for %s %s, whether it knows the switch of DEBUG: %s', (name, version, isKnown) => {
    const args = serverArguments({ ...REDIS_7, name, version }, TCP, { persistence: 'none' });
    expect(args.includes('--enable-debug-command')).toBe(isKnown);
  });
});
