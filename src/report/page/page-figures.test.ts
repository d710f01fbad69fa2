import { describe, expect, it } from 'vitest';
import { chartsOf } from '../charts.js';
import { openLoopRun } from '../sample-runs.fixture.js';
import { carryCharts } from './page-figures.js';

const charts = chartsOf([openLoopRun()]).slice(0, 3);
const [first, second] = charts;
const whole = await carryCharts(charts);
const isFirst = (chart: (typeof charts)[number]): boolean => chart === first;
const pictures = (figures: readonly { html: string }[]): boolean[] => figures.map(({ html }) => html.includes('<svg'));

describe('the charts that a page carries', () => {
  it('are all there where there is room', () => {
    expect(pictures(whole.figures)).toEqual([true, true, true]);
    expect(Object.keys(whole.specs)).toEqual(charts.map(({ name }) => name));
  });

  it('lose the still pictures in folds first, then what is folded, then the other still pictures', async () => {
    const lighter = await carryCharts(charts, isFirst, whole.characters - 1);
    expect(pictures(lighter.figures)).toEqual([false, true, true]);
    expect(lighter.figures[0]!.html).toContain(`charts/${first!.name}.svg`);
    expect(Object.keys(lighter.specs)).toHaveLength(3);

    const least = await carryCharts(charts, isFirst, 0);
    expect(Object.keys(least.specs)).toEqual([second!.name, charts[2]!.name]);
    expect(pictures(least.figures)).toEqual([false, false, false]);
    expect(least.figures[0]!.html).not.toContain('data-chart');
    expect(least.characters).toBeLessThan(lighter.characters);
  });
});
