import { expect, it } from 'vitest';
import { completeScenario, type Scenario } from '../model/scenario.js';
import { findLoadDifferences } from './load-differences.js';

const scenario = completeScenario({}, 1);

it('finds none between a lock and another one under the same load', () => {
  const other = completeScenario({ lock: 'set-nx-px', transport: 'wire', nodeTimeoutMs: 20, name: 'other' }, 2);
  expect(findLoadDifferences(scenario, other)).toEqual([]);
});

it('names each flag with both values, as it would be typed', () => {
  const other = completeScenario(
    {
      keys: { kind: 'zipf', keys: 100, theta: 0.9 },
      hold: { kind: 'exponential', meanMs: 5 },
      durationMs: 2_000,
      masters: 5,
    },
    1,
  );
  expect(findLoadDifferences(scenario, other)).toEqual([
    '--masters 3 against 5',
    '--keys uncontended against zipf:100:0.9',
    '--hold 0ms against exp:5ms',
    '--duration 10s against 2s',
  ]);
});

it('lets differ what is meant to', () => {
  const other = completeScenario({ masters: 5 }, 1);
  expect(findLoadDifferences(scenario, other, new Set(['masters']))).toEqual([]);
});

it('takes a field that another build does not know for its default', () => {
  const unknown = ['serviceRatePerSecond', 'history'];
  const older = Object.fromEntries(Object.entries(scenario).filter(([key]) => !unknown.includes(key)));
  expect(findLoadDifferences(older as unknown as Scenario, scenario)).toEqual([]);
  expect(findLoadDifferences(older as unknown as Scenario, { ...scenario, history: true })).toEqual([
    '--history false against true',
  ]);
});

it('asks for the schedule of an open loop only in one', () => {
  expect(findLoadDifferences(scenario, { ...scenario, burst: 4 })).toEqual([]);
  const open = completeScenario({ ratePerSecond: 100 }, 1);
  expect(findLoadDifferences(open, { ...open, burst: 4 })).toEqual(['--burst 1 against 4']);
  expect(findLoadDifferences(open, scenario)).toEqual(['--concurrency none against 16', '--rate 100 against none']);
});

it('compares where the masters are without their passwords, which no result has', () => {
  const asked = completeScenario({ endpoints: ['redis://me:canary@10.0.0.1:6379/2', 'redis://10.0.0.2'] }, 1);
  const stored = { ...asked, endpoints: ['redis://10.0.0.1:6379', 'redis://10.0.0.2:6379'] };
  expect(findLoadDifferences(asked, stored)).toEqual([]);
  // How many were to be started says nothing of running ones.
  expect(findLoadDifferences({ ...asked, masters: 7 }, stored)).toEqual([]);
  const spawned = completeScenario({ masters: 2 }, 1);
  const differences = findLoadDifferences(asked, spawned);
  expect(differences).toEqual(['--endpoint redis://10.0.0.1:6379 redis://10.0.0.2:6379 against none']);
  expect(findLoadDifferences(asked, { ...stored, endpoints: stored.endpoints.slice(1) })).toHaveLength(2);
});
