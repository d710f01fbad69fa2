import { describe, expect, it } from 'vitest';
import { countedComparison, decidingRows, gateRows } from './gate-rows.js';
import { emptyGate, mutedGate, sampleGate } from './sample-gate.fixture.js';

const regression = await sampleGate('regression');
const invalid = await sampleGate('invalid');

describe('the rows of a gate', () => {
  it('have the metrics that decide first, and every metric once', () => {
    const rows = gateRows(regression);
    expect(rows.slice(0, 4).map(({ metric }) => metric.name)).toEqual([
      'rate',
      'responseP50',
      'responseP99',
      'success',
    ]);
    expect(new Set(rows.map(({ metric }) => metric.name)).size).toBe(regression.comparison.metrics.length);
    expect(decidingRows(regression)).toEqual(rows.slice(0, 4));
  });

  it('have the median of the runs of either side that are in', () => {
    const [base, head] = invalid.comparison.arms;
    const [first] = gateRows(invalid);
    const middleOf = (arm: typeof base): number =>
      arm!.runs
        .filter((run) => run.leftOut === null)
        .map((run) => run.metrics.rate!)
        .sort((a, b) => a - b)[1]!;
    expect(first!.base).toBe(middleOf(base));
    expect(first!.head).toBe(middleOf(head));
  });

  it('have the smallest difference that counted, which the charts shade too', () => {
    const row = decidingRows(regression).find(({ metric }) => metric.name === 'responseP99');
    expect(row!.metric.minEffect).toBe(0.124);
    const shaded = countedComparison(regression).metrics.find(({ name }) => name === 'responseP99');
    expect(shaded!.minEffect).toBe(0.124);
    expect(regression.comparison.metrics.find(({ name }) => name === 'responseP99')!.minEffect).toBe(0.1);
  });

  it('compare nothing where a side never ran', async () => {
    const empty = await emptyGate();
    expect(decidingRows(empty).map(({ base, head, effect }) => [base, head, effect.ratio, effect.verdict])).toEqual(
      Array.from({ length: 4 }, () => [null, null, null, 'not-compared']),
    );
    const alone = {
      ...regression,
      comparison: { ...regression.comparison, arms: regression.comparison.arms.slice(1) },
    };
    expect(countedComparison(alone).contrasts).toEqual([]);
    expect(decidingRows(alone)[0]!.base).toBeNull();
    expect(decidingRows(alone)[0]!.head).toBe(decidingRows(regression)[0]!.head);
  });

  it('have no median where no run has a value', async () => {
    expect(
      gateRows(await mutedGate())
        .flatMap(({ base, head }) => [base, head])
        .filter((each) => each !== null),
    ).toEqual([]);
  });
});
