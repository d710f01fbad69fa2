import { describe, expect, it } from 'vitest';
import type { TimelineSpan } from '../../model/chaos.js';
import { chartsOfChaos } from '../chaos-charts.js';
import { holderRows, MOST_ROWS, MOST_SPANS } from '../holder-spans.js';
import { renderSvg } from '../render.js';
import { sampleChaos, span } from '../sample-chaos.fixture.js';
import type { Chart, Frame } from './chart.js';
import { holderTimeline } from './holder-timeline.js';

const FRAME: Frame = { name: 'timeline', title: 'Who held which key when', alarm: '', scenario: '', notes: [] };

function rowsOf(chart: Chart, shape: string): Record<string, unknown>[] {
  const { values } = chart.spec.data as { values: Record<string, unknown>[] };
  return values.filter((row) => row['shape'] === shape);
}

function saidIn(chart: Chart): unknown[] {
  const { values } = chart.spec.data as { values: Record<string, unknown>[] };
  return values.flatMap(({ said }) => (said === undefined ? [] : [said]));
}

describe('the timeline of holders', () => {
  it('tells waiting, the hold within its promise, the hold beyond it, and refusals apart', () => {
    const chart = holderTimeline(FRAME, [span('c1', [0, 100, 900, 500]), span('c2', [50, 300])], [], 0);
    const boxes = rowsOf(chart, 'box').map(({ mark, fromS, toS }) => [mark, fromS, toS]);
    expect(boxes).toEqual([
      ['waiting', 0, 0.1],
      ['hold within its promise', 0.1, 0.5],
      ['waiting', 0.05, 0.3],
    ]);
    expect(rowsOf(chart, 'beyond').map(({ fromS, toS }) => [fromS, toS])).toEqual([[0.5, 0.9]]);
    expect(rowsOf(chart, 'tick').map(({ fromS }) => fromS)).toEqual([0.3]);
  });

  it('outlines what two promises share, and names the other holder', () => {
    const spans = [
      span('c1', [0, 100, 900, 800], { overlap: 'contract' }),
      span('c2', [50, 400, 1_000, 1_200], { overlap: 'contract' }),
    ];
    const chart = holderTimeline(FRAME, spans, [], 0);
    expect(rowsOf(chart, 'outline').map(({ fromS, toS, overlap }) => [fromS, toS, overlap])).toEqual([
      [0.4, 0.8, 'contract'],
      [0.4, 0.8, 'contract'],
    ]);
    expect(saidIn(chart)).toEqual(['contract: 400 ms with c1']);
  });

  it('calls it an overrun where the first promise was over', () => {
    const spans = [
      span('c1', [0, 100, 900, 300], { overlap: 'overrun' }),
      span('c2', [50, 400, 700, 1_200], { overlap: 'overrun' }),
    ];
    const chart = holderTimeline(FRAME, spans, [], 0);
    expect(rowsOf(chart, 'outline').map(({ fromS, toS }) => [fromS, toS])).toEqual([
      [0.4, 0.7],
      [0.4, 0.7],
    ]);
    expect(saidIn(chart)).toEqual(['overrun: 300 ms with c1']);
  });

  it('accuses nobody whose hold began when the other ended, or on another key', () => {
    // Marked for overlaps with others that are not drawn here.
    const touching = [
      span('c1', [0, 100, 400, 800], { overlap: 'contract' }),
      span('c2', [50, 400, 700, 1_200], { overlap: 'contract' }),
    ];
    const elsewhere = [
      span('c1', [0, 100, 900, 800], { overlap: 'contract' }),
      span('c2', [50, 400, 1_000, 1_200], { overlap: 'contract', keyIndex: 1 }),
    ];
    for (const spans of [touching, elsewhere])
      expect(rowsOf(holderTimeline(FRAME, spans, [], 0), 'outline')).toEqual([]);
  });

  it('says when a lock was handed out too late', () => {
    const chart = holderTimeline(FRAME, [span('c1', [0, 900, 950, 300])], [], 0);
    expect(saidIn(chart)).toEqual(['granted when its promise was over']);
    expect(rowsOf(chart, 'beyond')).toHaveLength(1);
  });

  it('has a row for each client, and for each of its keys where there are several', () => {
    const named = (spans: readonly TimelineSpan[]): unknown[] =>
      (holderTimeline(FRAME, spans, [], 0).spec.data as { values: Record<string, unknown>[] }).values.flatMap(
        ({ name }) => (name === undefined ? [] : [name]),
      );
    expect(named([span('c10', [0, 1]), span('c9', [0, 1]), span('c9', [2, 3])])).toEqual(['c9', 'c10']);
    expect(named([span('c1', [0, 1], { keyIndex: 1 }), span('c1', [2, 3])])).toEqual(['c1, key 0', 'c1, key 1']);
  });

  it('draws at most 200 spans in 24 rows, keeps every overlap, and says so', () => {
    const many = Array.from({ length: 2_000 }, (_, index) =>
      index === 1_234
        ? span('c77', [index, index + 1, index + 9, index + 90], { overlap: 'contract' })
        : span(`c${String(index % 40)}`, [index, index + 1, index + 2, index + 90]),
    );
    const { rows, leftOutSpans, leftOutRows } = holderRows(many);
    const drawn = rows.flatMap(({ spans }) => spans);
    expect(rows).toHaveLength(MOST_ROWS);
    expect(leftOutRows).toBe(17);
    expect(drawn.length).toBeLessThanOrEqual(MOST_SPANS);
    expect(drawn.length + leftOutSpans).toBe(2_000);
    expect(drawn.filter(({ overlap }) => overlap === 'contract')).toHaveLength(1);
    const [note] = holderTimeline(FRAME, many, [], 0).notes;
    expect(note).toBe(
      `${String(drawn.length)} of 2,000 acquisitions drawn, overlaps first, then evenly; 17 rows left out`,
    );
    expect(holderTimeline(FRAME, many.slice(0, 10), [], 3_000).notes).toEqual([
      '10 of 3,010 acquisitions drawn, overlaps first, then the last ones',
    ]);
  });

  it('counts the rows that thinning emptied among those left out', () => {
    const [busy] = sampleChaos().experiments;
    const { rows, leftOutRows } = holderRows(busy!.timeline);
    expect(rows.length + leftOutRows).toBe(12);
  });

  it('says that nobody tried where nobody did', () => {
    expect(JSON.stringify(holderTimeline(FRAME, [], [], 0).spec.data)).toContain('Nobody tried to acquire.');
  });
});

describe('the charts of experiments', () => {
  const charts = chartsOfChaos(sampleChaos());

  it('have names of their own, even where experiments share theirs', () => {
    const { experiments } = sampleChaos();
    const twice = chartsOfChaos(
      sampleChaos({ experiments: [...experiments, ...experiments.map((each) => ({ ...each }))] }),
    );
    expect(new Set(twice.map(({ name }) => name)).size).toBe(twice.length);
    expect(charts[0]!.name).toBe('f0-contention-redlock-n3-timeline');
    expect(charts.map(({ name }) => name)).toContain('f0m-mutant-mutant-no-nx-redlock-n3-timeline');
  });

  it('are drawn without NaN or undefined, with their faults and overlaps named', async () => {
    const svgs = await Promise.all(charts.map(({ spec }) => renderSvg(spec)));
    for (const [index, svg] of svgs.entries()) {
      expect([charts[index]!.name, /NaN|undefined|Infinity/.exec(svg)?.[0]]).toEqual([charts[index]!.name, undefined]);
    }
    const broken = svgs[charts.findIndex(({ name }) => name.startsWith('f8'))];
    expect(broken).toContain('>kill master=3<');
    expect(broken).toContain('>contract: 474 ms with client 1<');
  });

  it('show nothing of an experiment that was not made', () => {
    expect(charts.some(({ name }) => name.startsWith('f24'))).toBe(false);
  });
});
