import { expect, it } from 'vitest';
import type { SimulationSearch } from '../model/simulation.js';
import { renderSimulation } from './simulation-text.js';

const clean: SimulationSearch = {
  without: [],
  schedules: 10_000,
  grants: 27_231,
  schedulesPerSecond: 1_614.3,
  violation: null,
};
const violation = {
  foundAfter: 110,
  seed: 1,
  path: '109',
  story: [
    '1 master, quorum 1',
    '    0 ms  c1 asks for k',
    'P2 violated: from 1 ms to 2 ms both c1 and c2 are promised k',
  ],
  replay: 'redlock-bench chaos --simulate --seed 1 --path 109 --without no-eviction',
};

it('says how much was searched, what was found after how many schedules, and tells the story with its replay', () => {
  const dropped: SimulationSearch = { ...clean, without: ['no-eviction'], violation };
  const vain: SimulationSearch = { ...clean, without: ['set-if-absent'] };
  expect(renderSimulation({ seed: 1, threads: 2, status: 'complete', searches: [clean, dropped, vain] })).toBe(
    [
      'simulation, seed 1, 2 threads',
      '',
      'all assumptions        no two promises overlap: none observed in 27,231 promises of 10,000 schedules (1,614 schedules a second)',
      'without no-eviction    violation found after 110 schedules',
      'without set-if-absent  no violation found in 27,231 promises of 10,000 schedules',
      '',
      'without no-eviction (no longer: masters drop no key before its end)',
      '  1 master, quorum 1',
      '      0 ms  c1 asks for k',
      '  P2 violated: from 1 ms to 2 ms both c1 and c2 are promised k',
      '  replay: redlock-bench chaos --simulate --seed 1 --path 109 --without no-eviction',
    ].join('\n'),
  );
});

it('shouts when the promise is broken although everything was assumed, and says when it was interrupted', () => {
  const broken: SimulationSearch = { ...clean, violation };
  const text = renderSimulation({ seed: 7, threads: 1, status: 'interrupted', searches: [broken] });
  expect(text).toContain('simulation, seed 7, 1 thread, interrupted');
  expect(text).toContain('all assumptions  VIOLATED: two promises overlap in schedule 110 (1,614 schedules a second)');
});

it('says nothing but its seed when nothing was searched', () => {
  expect(renderSimulation({ seed: 7, threads: 1, status: 'interrupted', searches: [] })).toBe(
    'simulation, seed 7, 1 thread, interrupted\n',
  );
});
