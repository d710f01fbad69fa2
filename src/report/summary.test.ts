import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { partialResult } from './partial-result.js';
import { readIntervalLog } from './interval-log.js';
import { comparedRuns, faultyRun, hopelessRun, nastyRun, openLoopRun, tinyRun } from './sample-runs.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';
import { renderComparison, renderSummary } from './summary.js';

const plain = { color: false, columns: 80 };
const colored = { color: true, columns: 80 };
const files = ['result.json', 'report.html', 'charts/a.svg', 'charts/a.vl.json'].map((name) => `results/one/${name}`);
const killed = partialResult(simulateRun().manifest, readIntervalLog(''));
const runs = [openLoopRun(), nastyRun(), hopelessRun(), tinyRun(), killed];
const texts = [...runs.map((run) => renderSummary(run, plain, files)), renderComparison(runs, plain)];

function lineOf(text: string, start: string): string {
  return text.split('\n').find((line) => line.startsWith(start)) ?? '';
}

describe('the summary', () => {
  it('fits 80 columns, whatever the run', () => {
    const wide = texts.flatMap((text) => text.split('\n')).filter((line) => [...line].length > 80);
    expect(wide).toEqual([]);
  });

  it('says the same with and without colour', () => {
    for (const run of runs) {
      const painted = renderSummary(run, colored, files);
      expect(painted).toContain('\u001b[');
      expect(stripVTControlCharacters(painted).replace(/ +$/gm, '')).toBe(
        renderSummary(run, plain, files).replace(/ +$/gm, ''),
      );
    }
    expect(texts.join('')).not.toContain('\u001b');
    expect(stripVTControlCharacters(renderComparison(runs, colored))).toBe(renderComparison(runs, plain));
  });

  it('begins with the verdict of the run about itself and its reasons', () => {
    expect(texts.map((text) => text.split('\n')[0])).toEqual([
      'health     VALID',
      'health     INVALID',
      'health     VALID',
      'health     SUSPECT, INTERRUPTED',
      'health     SUSPECT, CRASHED',
      expect.stringMatching(/^response /),
    ]);
    expect(texts[1]?.split('\n')[1]).toContain('p99 of the schedule delay was 48.0 ms');
  });

  it('never says that a lock is safe or correct', () => {
    expect(texts.join('\n')).not.toMatch(/\b(safe|correct)/i);
    expect(texts[0]).toContain('no overlap: none observed in 4,870 holds');
  });

  it('shows a broken mutual exclusion before any figure', () => {
    const text = texts[1] ?? '';
    expect(text).toContain('VIOLATED: 17 overlaps within a promised validity in 3,036 holds');
    expect(text.indexOf('VIOLATED')).toBeLessThan(text.indexOf('p50'));
  });

  it('states a rate that the generator limited as a lower bound', () => {
    expect(lineOf(texts[3] ?? '', 'rate')).toBe('rate       ≥ 6/s acquired over 0.50 s');
    expect(lineOf(texts[0] ?? '', 'rate')).toBe('rate       487/s acquired over 10 s');
  });

  it('leaves out percentiles that too few records carry', () => {
    expect(lineOf(texts[0] ?? '', 'gave up').split(/ {2,}/)).toEqual([
      'gave up',
      '1.01 s',
      '1.03 s',
      '–',
      '–',
      '1.05 s',
      '69',
    ]);
    expect(lineOf(texts[2] ?? '', 'response').split(/ {2,}/)).toEqual(['response', '–', '–', '–', '–', '–', '0']);
  });

  it('warns of coordinated omission in a closed loop only', () => {
    expect(texts.map((text) => text.includes('no protection against coordinated omission'))).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('does not invent zeros for masters of which nothing is known', () => {
    expect(
      lineOf(texts[4] ?? '', '1 127.0.0.1')
        .split(/ {2,}/)
        .slice(1),
    ).toEqual(['–', '–', '–', '–', '–', '–']);
    expect(
      lineOf(texts[1] ?? '', '2 rediss')
        .split(/ {2,}/)
        .slice(1),
    ).toEqual(['–', '–', '–', '3,036', '0', 'gone']);
  });

  it('writes what a threshold measured in the unit of its limit', () => {
    expect(texts[1]).toContain('CROSSED  acquire.response: p(99)<1ms  got 4.60 ms');
    expect(texts[1]).toContain('passed   acquire.successRatio>99.9%   got 100 %');
    const unmeasured = simulateRun(
      { perInterval: 5 },
      { thresholds: [{ expression: 'acquire.gaveUp: p(99)<1s', value: null, passed: false }] },
    );
    expect(renderSummary(unmeasured.result, plain)).toContain('got nothing to measure it on');
  });

  it('tells apart what was left for a while and what was left for ever', () => {
    const { result } = simulateRun({ perInterval: 5 });
    const leaksOf = (leakedKeys: number | null, keysWithoutTtl: number | null): string =>
      renderSummary(
        { ...result, safety: { ...result.safety, leakedKeys, keysWithoutTtl } },
        { color: false, columns: 200 },
      )
        .split('\n')
        .find((line) => line.startsWith('leaks')) ?? '';
    expect([leaksOf(0, 0), leaksOf(3, 0), leaksOf(3, null), leaksOf(null, null)]).toEqual([
      '',
      'leaks      3 leaked keys',
      'leaks      3 leaked keys',
      'leaks      leaked keys unknown',
    ]);
    expect(leaksOf(2, 1)).toBe('leaks      2 leaked keys, 1 of them without ttl: nobody can ever take that lock again');
    expect(leaksOf(5, 5)).toContain('5 of them without ttl: nobody can ever take those locks again');
  });

  it('names zones, bursts and planned deaths where the scenario has them, and only there', () => {
    const near = { roundTripMs: 1, jitterMs: 0 };
    const far = { roundTripMs: 8, jitterMs: 2 };
    const scenario = {
      masters: 2,
      workers: 2,
      rtt: [[near, far], [far]],
      serviceRatePerSecond: 500,
      ratePerSecond: 20,
      burst: 2,
      killedWorkers: [{ worker: 2, while: 'acquiring' }],
    } as const;
    const wide = { color: false, columns: 500 };
    const text = lineOf(renderSummary(simulateRun({ perInterval: 5, scenario }).result, wide), 'scenario');
    expect(text).toContain(
      'emulated round trip by zone: 1ms | 8ms ± 2ms; 8ms ± 2ms, each master serves 500 requests/s,',
    );
    expect(text).toContain('open loop of 20/s (poisson, bursts of 2) on 2 workers, worker 2 killed while acquiring,');
    const faults = [5_000, 9_000].map((atMs) => ({
      fault: { kind: 'flush', master: 1 } as const,
      atMs,
      forMs: undefined,
    }));
    const { result } = simulateRun({ perInterval: 5 });
    const faulty = { ...result, scenario: { ...result.scenario, faults } };
    expect(renderSummary(faulty, { color: false, columns: 500 })).toMatch(/ workers?, 2 faults, hold /);
    const plainOne = lineOf(renderSummary(simulateRun({ perInterval: 5 }).result, wide), 'scenario');
    expect(plainOne).not.toMatch(/zone|burst|killed/);
  });

  it('shows faults with their receipts and their cost, and what grants would have survived', () => {
    const text = renderSummary(faultyRun(), plain);
    expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    expect(text).toContain('faults     7 faults, 6 of them with a receipt of its effect');
    const cells = (start: string): string[] => lineOf(text, start).split(/ {2,}/);
    expect(cells('kill master=2')).toEqual(['kill master=2 *', '5.01 to 8.42 s', '26.1 %', '25.1 %', '≤ 2.6 s']);
    expect(cells('clock master=2')).toEqual(['clock master=2 by=20s', 'effect not seen', '–', '–', '–']);
    expect(cells('blackhole master=3')).toEqual([
      'blackhole master=3 *',
      '24.30 to the end',
      '10.6 %',
      '10.1 %',
      'not healed',
    ]);
    expect(text).toContain('unproven   clock master=2 by=20s at=18s for=2s: TIME of master 2 never showed');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'margin 96.0 % of grants would survive 2 masters losing their keys, 3.2 % 1, 0.80 % none',
    );
    expect(texts.some((each) => /^(faults|margin|history|expired) /m.test(each))).toBe(false);
  });

  it('says what a recorded history shows, and what was granted too late', () => {
    const { result } = simulateRun({ perInterval: 5 });
    const findings = faultyRun().safety.history!;
    const wide = { color: false, columns: 500 };
    const saying = (safety: Partial<typeof result.safety>, start: string): string =>
      lineOf(renderSummary({ ...result, safety: { ...result.safety, ...safety } }, wide), start);
    expect(saying({ grantedExpired: 3 }, 'expired')).toBe(
      'expired    3 locks granted after the end of their promised validity',
    );
    expect(saying({ history: findings }, 'history')).toBe(
      'history    5,890 holds of 6,120 operations compared, no overlap of promises, 2 overruns, 3 granted expired, 4 not compared, agrees with the witness',
    );
    const broken = { ...findings, contractCount: 1, agreesWithWitness: false };
    expect(saying({ history: broken }, 'history')).toMatch(
      /1 overlap within a promised validity.*DISAGREES with the witness$/,
    );
    const alone = { ...findings, agreesWithWitness: null };
    expect(saying({ history: alone }, 'history')).toMatch(/4 not compared, not compared with a witness$/);
  });

  it('names the folder once and counts what lies in its folders', () => {
    expect(texts[0]?.split('\n').slice(-2)).toEqual([
      'files      results/one/',
      '           result.json · report.html · charts/ (2)',
    ]);
  });
});

describe('the comparison', () => {
  it('gives every run one row of what it reached and one of what stands beside it', () => {
    const lines = renderComparison(comparedRuns(), plain).split('\n');
    const first = lines.filter((line) => line.startsWith('1 N=1 uncontended'));
    expect(first.map((line) => line.split(/ {2,}/))).toEqual([
      [
        '1 N=1 uncontended',
        expect.stringMatching(/^\d+\/s$/),
        ...Array<unknown>(5).fill(expect.stringMatching(/ (µs|ms|s)$/)),
      ],
      ['1 N=1 uncontended', '100 %', '0', '0', '1.05', '2.4 %'],
    ]);
    expect(lines.filter((line) => /^[1-6] N=/.test(line))).toHaveLength(18);
  });

  it('marks the run that broke and says why', () => {
    const broken = { ...nastyRun(), scenario: openLoopRun().scenario };
    const text = renderComparison([openLoopRun(), broken], plain).replace(/\n +/g, ' ');
    expect(text).toContain('valid; no overlap: none observed in 4,870 holds');
    expect(text).toContain('invalid (p99 of the schedule delay was 48.0 ms');
    expect(text).toContain('; VIOLATED: 17 overlaps');
  });

  it('keeps the oldest unfinished wait in sight', () => {
    expect(renderSummary(tinyRun(), plain)).toContain('1 unfinished (oldest 600 s)');
    const many = simulateRun({ perInterval: 5 });
    const { acquire } = many.result;
    const waiting = { ...many.result, acquire: { ...acquire, unfinished: { count: 12, oldestNs: msToNs(2_500) } } };
    expect(renderSummary(waiting, plain)).toContain('12 unfinished (oldest 2.50 s)');
  });
});
