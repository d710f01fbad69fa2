import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ExperimentResult } from '../model/chaos.js';
import { renderChaosSummary, renderExperimentEnd } from './chaos-summary.js';
import { describeReport } from './chaos-words.js';
import { pauseAfterGrant, sampleChaos } from './sample-chaos.fixture.js';

const plain = { color: false, columns: 80 };
const text = renderChaosSummary(sampleChaos(), plain, ['results/one/chaos.json', 'results/one/report.html']);
const lines = text.split('\n');

/** The cells of the row that begins with an experiment's id. */
function cellsOf(id: string): string[] {
  return (lines.find((line) => line.startsWith(`${id} `)) ?? '').split(/ {2,}/);
}

function verdictOf(...experiments: readonly Partial<ExperimentResult>[]): string {
  return describeReport(sampleChaos({ experiments: experiments.map((each) => ({ ...pauseAfterGrant(), ...each })) }))
    .text;
}

describe('the summary of fault experiments', () => {
  it('fits 80 columns, and says the same with and without colour', () => {
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    const painted = renderChaosSummary(sampleChaos(), { color: true, columns: 80 }, [
      'results/one/chaos.json',
      'results/one/report.html',
    ]);
    expect(painted).toContain('\u001b[');
    expect(stripVTControlCharacters(painted).replace(/ +$/gm, '')).toBe(text.replace(/ +$/gm, ''));
    expect(text).not.toContain('\u001b');
  });

  it('never says that a lock is safe or correct', () => {
    expect(text).not.toMatch(/\b(safe|correct)/i);
  });

  it('begins with the verdict over all', () => {
    expect(lines.slice(0, 3).join(' ').replace(/ +/g, ' ')).toBe(
      'verdict VIOLATED: redlock (redlock-bench 0.1.0) broke where it should have held, in 1 of 6 experiments (F8); 1 unknown; 1 of 1 mutant caught; 1 not run',
    );
  });

  it('gives every experiment a row: expected, observed, receipts, verdict', () => {
    expect(cellsOf('F1')).toEqual(['F1 pause-after-grant', 'fenced 3', 'belief', 'belief', '1 of 1', 'as expected']);
    expect(cellsOf('F8')).toEqual(['F8 crash-and-restart', 'redlock 5', 'nothing', 'contract', '3 of 3', 'VIOLATED']);
    expect(cellsOf('F5')).toEqual(['F5 clock-jump', 'redlock 3', 'contract', 'nothing', '0 of 1', 'UNKNOWN']);
    expect(cellsOf('F2').slice(1)).toEqual(['delayed 3', 'nothing', 'expired', '1 of 1', 'differs']);
    expect(cellsOf('F24').slice(1)).toEqual(['plain 1', 'contract', '–', '0 of 1', 'not run']);
  });

  it('puts further findings below the first, and the lock of a mutant below its name', () => {
    const after = (id: string): string => lines[lines.findIndex((line) => line.startsWith(`${id} `)) + 1] ?? '';
    expect(after('F8').trim()).toBe('corruption');
    expect(after('F1').trim().split(/ +/)).toEqual(['rejected', 'rejected']);
    expect(after('F0m')).toBe('  mutant:no-nx');
  });

  it('says what each finding means that stands in the table', () => {
    expect(text).toContain('expired    granted-expired: a lock was handed out whose promise had ended');
    const quiet = renderChaosSummary(sampleChaos({ experiments: [pauseAfterGrant()] }), plain);
    expect(quiet).not.toContain('granted-expired');
  });

  it('explains what broke, what is unknown and what differs, with the command that repeats it', () => {
    const [violated, unknown] = ['VIOLATED   F8', 'UNKNOWN    F5'].map((start) => text.indexOf(start));
    expect(violated).toBeGreaterThan(0);
    expect(unknown).toBeGreaterThan(violated!);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'no receipt of clock master=2 by=20s at=200ms for=1s: TIME of master 2',
    );
    expect(text).toContain('repeat     redlock-bench chaos --experiment F5 --lock redlock --seed 7');
    // A shell reads a long command as one.
    expect(text.replace(/ \\\n +/g, ' ')).toContain(
      'redlock-bench chaos --experiment F8 --lock redlock --variant redlock --masters 5 --persistence none --seed 7',
    );
  });

  it('names one experiment in one line when it is over', () => {
    expect(renderExperimentEnd(pauseAfterGrant(), plain)).toBe(
      'F1 pause-after-grant, redlock, fenced 3: as expected, observed belief, rejected (2.31 s)',
    );
  });
});

describe('the verdict over all', () => {
  it('puts a violation before what is unknown, and that before what differs', () => {
    expect(verdictOf({ verdict: 'unknown' }, { verdict: 'violated' })).toMatch(
      /^VIOLATED: .* 1 of 2 experiments \(F1\); 1 unknown$/,
    );
    expect(verdictOf({ verdict: 'unknown' }, { verdict: 'differs' })).toMatch(/^UNKNOWN: 1 of 2 experiments/);
    expect(verdictOf({ verdict: 'differs' }, {})).toMatch(/^DIFFERS: 1 of 2 experiments/);
    expect(verdictOf({ verdict: 'not-run' })).toMatch(/^NOTHING RUN with redlock.*; 1 not run$/);
  });

  it('says in how many the lock broke as it was expected to', () => {
    expect(verdictOf({}, {})).toBe(
      'AS EXPECTED: 2 experiments with redlock (redlock-bench 0.1.0) saw what was expected; no broken promise observed in any',
    );
    expect(verdictOf({ observed: ['contract'] }, {})).toMatch(/; in 1 of them the lock broke, as it was expected to$/);
  });

  it('is bad where a mutant was not caught, whatever the lock did', () => {
    const mutant = { lock: 'mutant:no-nx', isMutant: true, verdict: 'differs' } as const;
    const report = sampleChaos({ experiments: [pauseAfterGrant(), { ...pauseAfterGrant(), ...mutant }] });
    expect(describeReport(report).tone).toBe('bad');
    expect(describeReport(report).text).toMatch(
      /^DETECTORS MISSED 1 of 1 mutant \(mutant:no-nx\); AS EXPECTED: 1 experiment with/,
    );
  });

  it('takes a lock of one’s own for no mutant, whatever its file and its name are', () => {
    const own = { ...pauseAfterGrant(), lock: './my-lock.mjs' };
    const lock = { name: 'my-lock', version: 'my-lock 1', isUnsafe: false, flaw: null };
    const said = describeReport(sampleChaos({ lock, experiments: [own, { ...own, verdict: 'violated' }] }));
    expect(said).toEqual({
      tone: 'bad',
      text: 'VIOLATED: my-lock (my-lock 1) broke where it should have held, in 1 of 2 experiments (F1)',
    });
  });

  it('is not good where nothing was run, or a mutant was not tried', () => {
    const nothing = describeReport(sampleChaos({ experiments: [] }));
    expect(nothing).toEqual({ tone: 'warning', text: 'NOTHING RUN with redlock (redlock-bench 0.1.0)' });
    const mutant = { ...pauseAfterGrant(), lock: 'mutant:no-nx', isMutant: true };
    const untried = { ...mutant, verdict: 'not-run' } as const;
    const { tone, text: said } = describeReport(sampleChaos({ experiments: [pauseAfterGrant(), mutant, untried] }));
    expect(tone).toBe('warning');
    expect(said).toMatch(/^AS EXPECTED: 1 experiment .*; 1 of 1 mutant caught; 1 of 2 mutants not tried$/);
  });

  it('is not good where it was interrupted', () => {
    const { tone, text: said } = describeReport(
      sampleChaos({ experiments: [pauseAfterGrant()], status: 'interrupted' }),
    );
    expect([tone, said.endsWith('; interrupted before the end')]).toEqual(['warning', true]);
  });
});
