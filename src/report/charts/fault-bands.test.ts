import { describe, expect, it } from 'vitest';
import type { FaultReceipt } from '../../model/fault.js';
import { chartsOf } from '../charts.js';
import { crowdedFaults, receipt } from '../sample-chaos.fixture.js';
import { faultyRun, openLoopRun } from '../sample-runs.fixture.js';
import { renderSvg } from '../render.js';
import type { Chart } from './chart.js';
import { contrast } from './contrast.fixture.js';
import { FAULT_COLOURS, faultNotes, faultRows, faultsWithin } from './fault-bands.js';
import { DARK, LIGHT } from './theme.js';

const TIME_CHARTS = ['acquisition-rate', 'latency-over-time', 'outcomes', 'split-votes', 'round-trips-over-time'];
const named = (charts: readonly Chart[], name: string): Chart => charts.find((chart) => chart.name === name)!;

/** Which lanes above the plot the labels stand in, from the plot up. */
function lanes(faults: readonly FaultReceipt[]): number[] {
  return faultRows(faults, 30).map(({ footY }) => (3 + Number(footY)) / 15);
}

describe('the bands of faults', () => {
  it('reach from effect to heal, with a line at the injection; what is over at once is a line', () => {
    const [kill, , , flush, clock, blackhole] = faultRows(crowdedFaults(), 30);
    expect(kill).toMatchObject({ appliedS: 5, fromS: 5.01, toS: 8.42, label: 'kill master=2' });
    expect(flush).toMatchObject({ atS: 15.001, toS: null, label: 'flush master=1' });
    expect(clock).toMatchObject({ atS: 18, fromS: null, toS: null, label: 'clock master=2 by=20s (unproven)' });
    expect(blackhole).toMatchObject({ fromS: 24.3, toS: 30, label: 'blackhole master=3 (not healed)' });
  });

  it('end with the axis, and are labelled with whole words', () => {
    const [late] = faultRows([receipt('latency master=1 client=2 delay=50ms jitter=10ms', [9_000, 9_000, 12_000])], 10);
    expect(late).toMatchObject({ toS: 10, side: 'right', label: 'latency master=1 client=2 …' });
  });

  it('stagger the labels of faults that overlap, and only those', () => {
    const [kill, pause, latency] = lanes(crowdedFaults());
    expect(new Set([kill, pause, latency]).size).toBe(3);
    expect(
      lanes([receipt('kill master=1', [1_000, 1_000, 2_000]), receipt('kill master=2', [20_000, 20_000, 21_000])]),
    ).toEqual([0, 0]);
  });

  it('are coloured by what they do, for white and for dark pages', () => {
    const colours = faultRows(crowdedFaults(), 30).map(({ colour }) => colour);
    expect(new Set(colours).size).toBe(5);
    expect(colours[2]).toBe(colours[5]);
    const pale = Object.values(FAULT_COLOURS).filter((colour) =>
      [LIGHT, DARK].some(({ background }) => contrast(colour, background) < 3),
    );
    expect(pale).toEqual([]);
  });

  it('stand in every chart over time of one run, and in no other', () => {
    const charts = chartsOf([faultyRun()]);
    const banded = charts.filter(({ spec }) => JSON.stringify(spec.layer).includes('"footY"')).map(({ name }) => name);
    expect(banded).toEqual(TIME_CHARTS);
    for (const name of TIME_CHARTS) {
      expect(named(charts, name).notes).toContain(
        '7 faults, shaded from effect to heal; dashed: when the injection began',
      );
    }
    const several = chartsOf([faultyRun(), openLoopRun()]);
    expect(JSON.stringify(several)).not.toContain('footY');
  });

  it('are drawn with their labels, and leave charts without faults as they were', async () => {
    const svg = await renderSvg(named(chartsOf([faultyRun()]), 'acquisition-rate').spec);
    expect(svg).toContain('>blackhole master=3 (not healed)<');
    expect(/NaN|undefined|Infinity/.exec(svg)).toBeNull();
    const { layer } = named(chartsOf([openLoopRun()]), 'acquisition-rate').spec;
    expect(layer).toHaveLength(2);
  });

  it('are named where a reader points at an interval', () => {
    const faults = crowdedFaults();
    expect(faultsWithin(faults, 6, 7)).toEqual([
      'kill master=2',
      'pause master=3',
      'latency master=1 client=2 delay=50ms jitter=10ms',
    ]);
    expect([faultsWithin(faults, 13, 14), faultsWithin(faults, 15, 16), faultsWithin(faults, 18, 19)]).toEqual([
      [],
      ['flush master=1'],
      [],
    ]);
  });

  it('say what was not run', () => {
    const notRun = receipt('clock master=1', [0, null, null], { status: 'not-run' });
    expect(faultRows([notRun], 10)).toEqual([]);
    expect(faultNotes([notRun])).toEqual(['1 fault of the plan not run']);
    expect(faultNotes([])).toEqual([]);
  });
});

describe('the charts of what faults cost', () => {
  const charts = chartsOf([faultyRun()]);
  const rowsOf = (name: string): Record<string, unknown>[] =>
    (named(charts, name).spec.data as { values: Record<string, unknown>[] }).values;

  it('show the rate that each fault left, and when it was back', () => {
    const [kill, , , , blackhole] = rowsOf('availability');
    expect(kill).toMatchObject({
      name: 'kill master=2',
      said: '26.1 % · back within 2.6 s',
      saidShortly: '26.1 % · ≤ 2.6 s',
    });
    expect(kill!['share']).toBeCloseTo(0.261, 3);
    expect(blackhole).toMatchObject({ name: 'blackhole master=3', saidShortly: '10.6 % · not healed' });
    expect(rowsOf('availability')).toHaveLength(6);
  });

  it('count grants by the keys whose loss would have broken them', () => {
    expect(rowsOf('fault-margins').map(({ name, said }) => [name, said])).toEqual([
      ['1 lost key is enough', '40 (0.80 %)'],
      ['2 lost keys are needed', '160 (3.2 %)'],
      ['3 lost keys are needed', '4,800 (96.0 %)'],
    ]);
  });

  it('are left out where there is nothing to show', () => {
    const names = chartsOf([openLoopRun()]).map(({ name }) => name);
    expect(names).not.toContain('availability');
    expect(names).not.toContain('fault-margins');
  });
});
