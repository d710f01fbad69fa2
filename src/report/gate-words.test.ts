import { describe, expect, it } from 'vitest';
import type { Effect } from '../model/comparison.js';
import { decidingRows } from './gate-rows.js';
import {
  describeCalibration,
  describeChange,
  describeGatedThreshold,
  describeGateDesign,
  describeSide,
  formatChange,
  outcomeHeadline,
  outcomeTone,
  reasonsOf,
} from './gate-words.js';
import { mutedGate, nastyGate, sampleGate } from './sample-gate.fixture.js';

const regression = await sampleGate('regression');
const pass = await sampleGate('pass');
const invalid = await sampleGate('invalid');
const effect: Effect = {
  metric: 'responseP99',
  pairs: 10,
  ratio: 1.142,
  low: 1.081,
  high: 1.21,
  pValue: 0.002,
  adjustedPValue: 0.004,
  verdict: 'worse',
};
const [row] = decidingRows(regression);
const p99 = { ...row!, effect, metric: { ...row!.metric, scale: 'ratio' as const, minEffect: 0.1 } };

describe('a change', () => {
  it('is written in percent with its interval', () => {
    expect(formatChange(effect, { scale: 'ratio' })).toBe('+14.2 % [+8.1, +21.0]');
    expect(formatChange({ ...effect, ratio: 0.5, low: 0.25, high: 1 }, { scale: 'ratio' })).toBe(
      '−50.0 % [−75.0, 0.0]',
    );
    expect(formatChange({ ...effect, ratio: 3.456, low: 2.2, high: 40 }, { scale: 'ratio' })).toBe(
      '+246 % [+120, +3,900]',
    );
  });

  it('is that of the odds where the metric is a share', () => {
    expect(formatChange(effect, { scale: 'odds' })).toBe('odds +14.2 % [+8.1, +21.0]');
  });

  it('says that there is no interval, or nothing to compare', () => {
    expect(formatChange({ ...effect, low: null, high: null }, { scale: 'ratio' })).toBe('+14.2 % [no interval]');
    expect(formatChange({ ...effect, ratio: null }, { scale: 'ratio' })).toBe('–');
  });

  it('is nought without a sign where it rounds to nought', () => {
    expect(formatChange({ ...effect, ratio: 0.9996, low: 0.9996, high: 1.0004 }, { scale: 'ratio' })).toBe(
      '0.0 % [0.0, 0.0]',
    );
  });

  it('is described with p after Holm and with what counts', () => {
    expect(describeChange(p99)).toBe('+14.2 % [+8.1, +21.0], p 0.0040, smallest difference that counts 10 %');
    expect(describeChange({ ...p99, effect: { ...effect, ratio: null } })).toBe(
      'no runs on both sides have a value; smallest difference that counts 10 %',
    );
  });
});

describe('the reason of a gate', () => {
  it('does not repeat the outcome, which stands before it', () => {
    expect(regression.statements[0]).toMatch(/^Regression: head is worse/);
    expect(reasonsOf(regression).why).toMatch(/^head is worse than base/);
    expect(reasonsOf(regression).others).toEqual(regression.statements.slice(1));
  });

  it('says of invalid runs what is wrong with them', () => {
    expect(reasonsOf(invalid)).toEqual({
      why: `these runs decide nothing, whatever their figures are. ${invalid.statements[1]!}`,
      others: invalid.statements.slice(2),
    });
  });

  it('says that nothing was concluded where nothing was', () => {
    expect(reasonsOf({ ...regression, statements: [] })).toEqual({ why: 'nothing was concluded.', others: [] });
  });
});

describe('the words of a gate', () => {
  it('name the sides with what ran them', () => {
    expect(describeSide(regression.base)).toBe('command npx redlock-bench@0.1.0, redlock-bench 0.1.0, redlock 0.1.0');
    expect(describeSide({ kind: 'checkout', text: '../old', tool: null, lock: null })).toBe(
      'checkout ../old, never ran',
    );
  });

  it('leave out what another program might write to a terminal', () => {
    const side = { kind: 'command' as const, text: 'run\u001b[31m\nit', tool: 'a\u0007b', lock: null };
    expect(describeSide(side)).toBe('command run it, a b');
  });

  it('say how it was decided', async () => {
    expect(describeGateDesign({ ...regression, isStrict: true })).toEqual([
      '10 interleaved rounds',
      'seed 42',
      'took 412 s',
      'commit 0123456789ab',
      'strict: inconclusive fails',
    ]);
    expect(describeGateDesign({ ...(await mutedGate()), commit: null }).at(-1)).toBe('interrupted');
  });

  it('say whether the noise of the machine is known', () => {
    expect(describeCalibration(regression)).toBe('calibration.json of 2026-01-01');
    expect(describeCalibration({ ...regression, calibration: null })).toContain('nobody measured');
  });

  it('sound no good news of a lock that broke', async () => {
    const nasty = await nastyGate();
    expect(outcomeTone({ ...nasty, outcome: 'pass' })).toBe('bad');
    expect(outcomeTone({ ...pass, exitCode: 99 })).toBe('bad');
    expect(outcomeTone(pass)).toBe('good');
    expect(outcomeTone({ ...pass, outcome: 'inconclusive' })).toBe('warning');
    expect(outcomeTone({ ...pass, outcome: 'inconclusive', exitCode: 97 })).toBe('warning');
  });

  it('say beside the outcome why the command nevertheless fails', () => {
    expect(outcomeHeadline(pass)).toBe('PASS');
    const [threshold] = pass.thresholds;
    const crossed = { ...pass, thresholds: [{ ...threshold!, passed: false }], exitCode: 99 };
    expect(outcomeHeadline(crossed)).toBe('PASS, but thresholds were crossed');
    expect(outcomeHeadline({ ...pass, exitCode: 3 })).toBe('PASS, but mutual exclusion was broken');
    expect(outcomeHeadline({ ...pass, exitCode: 2 })).toBe('PASS, but it failed with exit code 2');
    expect(outcomeHeadline({ ...pass, outcome: 'inconclusive', isStrict: true, exitCode: 97 })).toBe(
      'INCONCLUSIVE, but it was to be strict',
    );
    const [base, head] = pass.comparison.arms;
    const arms = [base!, { ...head!, runs: head!.runs.slice(0, 3) }];
    const cut = { ...pass, exitCode: 130, comparison: { ...pass.comparison, status: 'interrupted' as const, arms } };
    expect(outcomeHeadline(cut)).toBe('PASS (interrupted after 3 of 10 rounds)');
  });

  it('say what a threshold measured', () => {
    expect(pass.thresholds.map(describeGatedThreshold)).toEqual([
      '4.20 ms in the median, crossed in 0 of 10 runs of head',
      expect.stringMatching(/^99\.95.*% in the median, crossed in 0 of 10 runs of head$/),
    ]);
    expect(describeGatedThreshold({ ...pass.thresholds[0]!, runs: 0 })).toBe('no run of head is in');
  });
});
