import { describe, expect, it } from 'vitest';
import type { MeasuredLock } from '../model/measured-lock.js';
import type { RunResult } from '../model/result.js';
import { chartsOf } from './charts.js';
import { renderReport } from './html.js';
import { nameRuns } from './run-names.js';
import { nastyRun } from './sample-runs.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';
import { renderComparison, renderSummary } from './summary.js';
import { isAlarming, warningsOf } from './verdicts.js';

const FLAW = 'SETEX always succeeds, so it excludes nobody.';
const SETEX: MeasuredLock = { name: 'setex', version: null, isUnsafe: true, flaw: FLAW };
const NEW: MeasuredLock = { name: 'mutex', version: '5.8.0', isUnsafe: false, flaw: null };
const OLD: MeasuredLock = { ...NEW, version: '4.0.0' };
const OURS: MeasuredLock = { name: 'redlock', version: 'redlock-bench 0.1.0', isUnsafe: false, flaw: null };

const plain = { color: false, columns: 80 };
const runOf = (lock: MeasuredLock): RunResult => simulateRun({ perInterval: 300, intervals: 2 }, { lock }).result;
const subtitles = (results: readonly RunResult[]): string[] =>
  chartsOf(results).map(({ spec }) => (spec.title as { subtitle: readonly string[] }).subtitle.join(' '));
/** Lines joined again where they were wrapped. */
const unwrapped = (text: string): string => text.replace(/\n +/g, ' ');

describe('the lock and the version that were measured', () => {
  it('stand in the subtitle of every chart', () => {
    for (const subtitle of subtitles([runOf(NEW)])) expect(subtitle).toContain(', lock mutex 5.8.0');
    for (const subtitle of subtitles([runOf(OURS)])) expect(subtitle).toContain('lock redlock (redlock-bench 0.1.0)');
    for (const subtitle of subtitles([runOf(NEW), runOf(NEW)])) expect(subtitle).toContain('lock mutex 5.8.0');
    for (const subtitle of subtitles([runOf(NEW), runOf(OLD), runOf(SETEX)])) {
      expect(subtitle).toContain('locks: mutex 5.8.0, mutex 4.0.0, setex (unsafe)');
    }
  });

  it('stand in the summary and on the page', async () => {
    expect(unwrapped(renderSummary(runOf(NEW), plain))).toContain('lock mutex 5.8.0');
    expect(await renderReport([runOf(NEW)], 'one')).toContain('<tr><th scope="row">lock</th><td>mutex 5.8.0</td></tr>');
  });

  it('do not come with settings that only our own client knows', () => {
    const scenario = { lock: 'setex', transport: 'wire' } as const;
    const { result } = simulateRun({ perInterval: 300, scenario }, { lock: SETEX });
    expect(subtitles([result])[0]).not.toMatch(/wire|notify/);
    expect(subtitles([runOf(OURS)])[0]).toMatch(/ over ioredis,.*\(notify, /);
  });
});

describe('names of runs', () => {
  it('tell locks apart by name, and by version where one name has two', () => {
    const member = (...locks: readonly MeasuredLock[]): string[] =>
      nameRuns(locks.map(runOf)).map((name) => name.member);
    expect(member(NEW, SETEX)).toEqual(['N=3, mutex', 'N=3, setex']);
    expect(member(NEW, SETEX, OLD)).toEqual(['N=3, mutex 5.8.0', 'N=3, setex', 'N=3, mutex 4.0.0']);
    expect(member(NEW, NEW)).toEqual(['N=3', 'N=3 (2)']);
  });
});

describe('an unsafe lock', () => {
  it('is a warning, and not an alarm: its figures are what they look like', () => {
    expect(warningsOf(runOf(SETEX))).toEqual(['unsafe lock']);
    expect(warningsOf(runOf(NEW))).toEqual([]);
    expect(isAlarming(runOf(SETEX))).toBe(false);
  });

  it('stands with its flaw in the first lines of the summary, before any figure', () => {
    const text = unwrapped(renderSummary(runOf(SETEX), plain));
    expect(text).toContain(`\nwarning    unsafe lock: ${FLAW}\nexclusion`);
    expect(renderSummary(runOf(NEW), plain)).not.toContain('unsafe');
  });

  it('stands with its flaw under the title of every chart of its own', () => {
    for (const subtitle of subtitles([runOf(SETEX)])) {
      expect(subtitle).toContain(`unsafe lock: ${FLAW}`);
      expect(subtitle).not.toContain('mind:');
    }
  });

  it('is named in the title of a run that broke', () => {
    for (const { alarm } of chartsOf([{ ...nastyRun(), lock: SETEX }])) {
      expect(alarm).toBe('mutual exclusion violated, invalid, unsafe lock');
    }
  });

  it('is marked in every row of a comparison, where labels name the locks', () => {
    const text = renderComparison([runOf(NEW), runOf(SETEX)], plain);
    expect(text.match(/^2 setex \(unsafe\) /gm)).toHaveLength(2);
    expect(text.match(/^1 mutex /gm)).toHaveLength(2);
    expect(unwrapped(text)).toContain(`; unsafe lock: ${FLAW}`);
    const sameName = renderComparison([runOf(NEW), runOf(OLD)], plain);
    expect(sameName).toMatch(/^1 mutex 5\.8\.0 .*\n2 mutex 4\.0\.0 /m);
  });

  it('stands on the page in the first lines with its flaw, in no green line, and in its row', async () => {
    const single = await renderReport([runOf(SETEX)], 'one');
    expect(single).toMatch(new RegExp(`<div class="verdict warning">.*<p>unsafe lock: ${FLAW}</p></div>`));
    const page = await renderReport([runOf(NEW), runOf(SETEX)], 'two');
    expect(page).toContain('1 of 2 runs: <strong>valid</strong>');
    expect(page).toContain(`<p>unsafe lock: ${FLAW}</p>`);
    expect(page).toContain('<tr><th scope="row">N=3, setex, uncontended keys (unsafe)</th>');
    expect(page).toContain('<td>unsafe lock</td></tr>');
  });
});
