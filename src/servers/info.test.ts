import { describe, expect, it } from 'vitest';
import { readServer } from './identity.js';
import { parseInfo } from './info.js';
import { readSample } from './telemetry.js';

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'executable:/usr/bin/redis-server',
  '',
  '# CPU',
  'used_cpu_sys:1.500000',
  'used_cpu_user:2.250000',
  'used_memory:1048576',
  'connected_clients:7',
  'instantaneous_ops_per_sec:120',
  '# Commandstats',
  'cmdstat_set:calls=41,usec=82,usec_per_call=2.00,rejected_calls=0,failed_calls=3',
  'cmdstat_client|list:calls=2,usec=9,usec_per_call=4.50',
  'cmdstat_EVALSHA:calls=7,usec=9,usec_per_call=1.29',
].join('\r\n');

describe('INFO', () => {
  it('gives the CPU seconds, memory, clients and calls per lower-case command', () => {
    expect(readSample(parseInfo(INFO))).toEqual({
      cpuSeconds: 3.75,
      usedMemoryBytes: 1_048_576,
      connectedClients: 7,
      opsPerSecond: 120,
      commands: { set: 41, 'client|list': 2, evalsha: 7 },
    });
  });

  it('keeps colons that belong to a value', () => {
    expect(parseInfo('tcp:a:b:c').get('tcp')).toBe('a:b:c');
  });

  it.each([
    ['redis', '7.0.15', INFO],
    ['valkey', '8.1.1', 'redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.1.1'],
    ['keydb', '6.3.4', 'redis_version:6.3.4\nexecutable:/usr/bin/keydb-server'],
    ['dragonfly', 'df-v1.2', 'redis_version:7.4.0\ndragonfly_version:df-v1.2'],
    ['redis', 'unknown', ''],
  ])('tells %s %s by what its INFO has beside the compatible version', (server, version, text) => {
    expect(readServer(parseInfo(text))).toEqual({ server, version });
  });
});
