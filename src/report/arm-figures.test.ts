import { describe, expect, it } from 'vitest';
import type { Arm } from '../model/comparison.js';
import { clientShares, spreadOf, totalsOf } from './arm-figures.js';
import { sampleComparison } from './sample-comparison.fixture.js';

const sample = await sampleComparison(4);
/** Four runs, of which the last is left out. */
const arm = sample.arms[1]!;

function changed(change: Partial<Arm['runs'][number]>): Arm {
  return { ...arm, runs: arm.runs.map((run) => ({ ...run, ...change })) };
}

describe('the spread of the runs', () => {
  it('has its quartiles between two values where they fall there', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({
      least: 1,
      lowerQuartile: 1.75,
      median: 2.5,
      upperQuartile: 3.25,
      most: 4,
    });
    expect(spreadOf([7])).toEqual({ least: 7, lowerQuartile: 7, median: 7, upperQuartile: 7, most: 7 });
    expect(spreadOf([])).toBeUndefined();
  });
});

describe('the totals of an arm', () => {
  it('count load only in runs that are in, and broken promises in all', () => {
    const totals = totalsOf(changed({ acquired: 10, intended: 12, contractCount: 2, overruns: 1 }));
    expect(totals).toMatchObject({ runs: 4, runsIn: 3, acquired: 30, intended: 36, contract: 8, overruns: 4 });
    expect(totals.violatedRuns).toBe(4);
  });

  it('call dropped what was intended and neither ended nor went on', () => {
    const few = { ...changed({ acquired: 10, intended: 16, unfinished: 2 }), gaveUp: { ...arm.gaveUp, count: 5 } };
    expect(totalsOf(few)).toMatchObject({ gaveUp: 5, unfinished: 6, dropped: 7 });
  });

  it('keep apart what was not leaked and what nobody could say', () => {
    expect(totalsOf(changed({ leakedKeys: 3 }))).toMatchObject({ leakedKeys: 12, runsWithUnknownLeaks: 0 });
    expect(totalsOf(changed({ leakedKeys: null }))).toMatchObject({ leakedKeys: 0, runsWithUnknownLeaks: 4 });
  });
});

describe('the shares of the clients', () => {
  it('are those of a run, with the least and the most of any', () => {
    expect(clientShares(changed({ acquired: 320, minPerClient: 4, maxPerClient: 40 }))).toEqual({
      clients: 16,
      sum: 320,
      average: 20,
      least: 4,
      most: 40,
    });
  });

  it('are none where operations belong to nobody', () => {
    expect(clientShares(changed({ minPerClient: null, maxPerClient: null }))).toBeUndefined();
    expect(clientShares({ ...arm, scenario: { ...arm.scenario, concurrency: undefined } })).toBeUndefined();
  });
});
