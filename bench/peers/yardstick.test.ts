import { expect, it } from 'vitest';
import { readRate } from './yardstick.js';

it('reads the rate that redis-benchmark prints as CSV', () => {
  const csv = '"test","rps","avg_latency_ms"\n"SET key:__rand_int__ token PX 10000 NX","512820.50","0.112"\n';
  expect(readRate(csv)).toBe(512_820.5);
});

it('reads the form without latencies, which older ones print', () => {
  expect(readRate('"EVALSHA abc 1 key","99009.90"')).toBe(99_009.9);
});

it('takes nothing else for a rate', () => {
  expect(() => readRate('ERR unknown command')).toThrow('expected a rate as CSV, got ERR unknown command');
});
