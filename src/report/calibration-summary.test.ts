import { describe, expect, it } from 'vitest';
import { chartsOfCalibration } from './calibration-charts.js';
import { renderCalibrationReport } from './calibration-html.js';
import { renderCalibrationSummary } from './calibration-summary.js';
import { mutedCalibration, sampleCalibration } from './sample-calibration.fixture.js';

const [quiet, restless, muted] = await Promise.all([sampleCalibration(), sampleCalibration(0.9), mutedCalibration()]);
const at = (columns: number) => ({ color: false, columns });
const lineOf = (text: string, beginning: string): string =>
  text.split('\n').find((line) => line.startsWith(beginning)) ?? '';

describe('a calibration on the terminal', () => {
  it('says first what can be found', () => {
    expect(renderCalibrationSummary(quiet, at(80)).split('\n')[0]).toBe(
      'findings   On this machine, 10 rounds of this scenario find, four times of five,',
    );
  });

  it('gives each metric its noise floor and the smallest change that is found, those that decide first', () => {
    const text = renderCalibrationSummary(quiet, at(100));
    const floor = quiet.floors.find(({ metric }) => metric === 'responseP50')!;
    expect(lineOf(text, 'p50 response').split(/ {2,}/)).toEqual([
      'p50 response',
      `±${(floor.halfWidth! * 100).toFixed(2)} %`,
      `${(floor.smallestDetectable! * 100).toFixed(2)} %`,
      `±${(floor.spread! * 100).toFixed(2)} %`,
      '10',
      'stable',
    ]);
    expect(lineOf(text, 'share acquired')).toContain('share acquired (odds)');
    expect(text.indexOf('beside it (decides nothing)')).toBeGreaterThan(text.indexOf('share acquired (odds)'));
    expect(text.indexOf('beside it (decides nothing)')).toBeLessThan(text.indexOf('p90 response'));
  });

  it('calls what scatters unstable', () => {
    expect(lineOf(renderCalibrationSummary(restless, at(100)), 'p99 response')).toMatch(/UNSTABLE$/);
    expect(renderCalibrationSummary(quiet, at(100))).not.toContain('UNSTABLE');
  });

  it('fits into the terminal', () => {
    for (const columns of [80, 100, 140]) {
      for (const each of [quiet, restless, muted]) {
        const lines = renderCalibrationSummary(each, at(columns)).split('\n');
        expect(lines.filter((line) => [...line].length > columns)).toEqual([]);
      }
    }
  });

  it('says that there were too few rounds where that is so, and never a number that is none', async () => {
    const text = renderCalibrationSummary(muted, at(100));
    expect(lineOf(text, 'p50 response')).toMatch(/^p50 response +– +– +– +0 +too few rounds$/);
    expect(text).toContain('interrupted');
    for (const each of [text, await renderCalibrationReport(muted)]) {
      expect(each.replace(/<(script|svg|style)[\s\S]*?<\/\1>/g, '')).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});

describe('the charts of a calibration', () => {
  it('show the floors first: of ratios, of odds, and of what decides nothing', () => {
    expect(chartsOfCalibration(quiet).map(({ name }) => name)).toEqual([
      'noise-floors',
      'noise-floors-of-odds',
      'noise-floors-beside',
      'effects',
      'effects-on-odds',
      'runs-rate',
      'runs-response-p50',
      'runs-response-p99',
      'runs-success',
      'latency-spectra',
    ]);
  });

  it('have a bar for the floor and one for the smallest change, and a tick where a difference counts', () => {
    const { spec } = chartsOfCalibration(quiet)[0]!;
    const rows = (spec.data as { values: Record<string, unknown>[] }).values;
    const floor = quiet.floors.find(({ metric }) => metric === 'responseP99')!;
    const bars = rows.filter((row) => row['metric'] === 'p99 response' && row['kind'] !== undefined);
    expect(bars.map((row) => [row['kind'], row['to']])).toEqual([
      ['noise floor', floor.halfWidth],
      ['smallest change found', floor.smallestDetectable],
    ]);
    expect(rows.flatMap((row) => row['limit'] ?? [])).toEqual([0.05, 0.05, 0.1]);
  });

  it('say why where there is no floor', () => {
    const [first] = chartsOfCalibration(muted);
    expect(JSON.stringify(first!.spec)).toContain('Too few rounds for an interval');
  });
});
