import { expect, it } from 'vitest';
import { completeScenario, type ScenarioInput } from '../../model/scenario.js';
import { nameLoad } from './load-name.js';

const name = (input: ScenarioInput, seed = 1): string => nameLoad(completeScenario(input, seed));

it('names masters and scenario', () => {
  expect(name({ name: 'contended', masters: 1 })).toBe('n1/contended');
  expect(name({ name: 'contended', masters: 5 }, 7)).toBe('n5/contended');
  expect(name({ name: 'contended', endpoints: ['redis://me:canary@a', 'redis://b'] })).toBe('n2/contended');
});

it('names what was set of a scenario without a name, and neither its lock nor its seed', () => {
  expect(name({})).toBe('n3/custom concurrency=16');
  expect(name({ lock: 'set-nx-px', transport: 'wire', durationMs: 1 }, 9)).toBe(name({}));
  expect(name({ ratePerSecond: 500, keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 5 } })).toBe(
    'n3/custom rate=500 keys=single hold=5ms',
  );
  expect(name({ ttlMs: 900, workers: 2, persistence: 'always' })).toBe(
    'n3/custom concurrency=16 workers=2 ttl=900ms persistence=always',
  );
});

it('tells apart and keeps together what a result of JSON holds, which lacks what is undefined', () => {
  const stored = JSON.parse(JSON.stringify(completeScenario({ ratePerSecond: 5 }, 1))) as ReturnType<
    typeof completeScenario
  >;
  expect(nameLoad(stored)).toBe(name({ ratePerSecond: 5 }));
});

it('stays within what its readers take', () => {
  expect(Buffer.byteLength(name({ name: '東'.repeat(900) }))).toBeLessThan(1_000);
});
