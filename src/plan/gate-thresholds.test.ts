import { expect, it } from 'vitest';
import type { ThresholdResult } from '../model/result.js';
import { gateThresholds } from './gate-thresholds.js';

const ASKED = 'acquire.response: p(99)<25ms';

/** What as many runs say of it, of which so many crossed. */
function runs(count: number, crossed: number, expression = ASKED): ThresholdResult[][] {
  return Array.from({ length: count }, (_, index) => [{ expression, value: index + 1, passed: index >= crossed }]);
}

it('passes what half of the runs crossed, and not what more did, with the median of the values', () => {
  expect(gateThresholds([ASKED], runs(10, 5))).toEqual([
    { expression: ASKED, runs: 10, crossed: 5, value: 6, passed: true },
  ]);
  expect(gateThresholds([ASKED], runs(10, 6))).toMatchObject([{ crossed: 6, passed: false }]);
});

it('keeps what was asked and never judged, and what the command judged besides', () => {
  expect(gateThresholds([ASKED], runs(2, 2, 'own>1'))).toEqual([
    { expression: ASKED, runs: 0, crossed: 0, value: null, passed: true },
    { expression: 'own>1', runs: 2, crossed: 2, value: 2, passed: false },
  ]);
});

it('has no median where nothing could be measured', () => {
  const nothing = [[{ expression: ASKED, value: null, passed: false }]];
  expect(gateThresholds([ASKED], nothing)).toMatchObject([{ value: null, passed: false }]);
});

it('counts one verdict a run where a command judges what is asked for here, too', () => {
  const twice = runs(3, 0).map((results) => [...results, ...results]);
  expect(gateThresholds([ASKED], twice)).toMatchObject([{ runs: 3 }]);
});
