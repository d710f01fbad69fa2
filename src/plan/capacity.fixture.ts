/**
 * Runs of a search for capacity as plain data, for tests that need no masters.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';
import type { Scenario, ScenarioInput } from '../model/scenario.js';
import { msToNs } from '../model/time.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import type { JudgedStep } from './capacity-verdict.js';
import { describeStep, type MeasuredStep } from './capacity-step.js';

export const SLO = ['acquire.response: p(99)<10ms', 'acquire.successRatio>99.9%'];

/** A run within the SLO, or beyond it. */
export function capacityRun(
  scenario: Scenario | ScenarioInput,
  isMet: boolean,
  changes: Partial<RunResult> = {},
): RunResult {
  const { result } = simulateRun({ scenario, seed: 1, medianMs: 1, spread: 0.2, intervals: 5, perInterval: 300 });
  const [latency = '', success = ''] = SLO;
  const thresholds = [
    { expression: latency, value: msToNs(isMet ? 2.1 : 14), passed: isMet },
    { expression: success, value: 1, passed: true },
  ];
  return { ...result, thresholds, ...changes };
}

/** The health of a run, with changes. */
export function withHealth(result: RunResult, changes: Partial<RunResult['health']>): RunResult {
  return { ...result, health: { ...result.health, ...changes } };
}

/** The run as a step of a search. */
export function measuredStep(
  ratePerSecond: number,
  verdict: JudgedStep['verdict'],
  changes: Partial<RunResult> = {},
  scenario: ScenarioInput = {},
): MeasuredStep {
  const result = capacityRun({ ...scenario, ratePerSecond, thresholds: SLO }, verdict === 'met', changes);
  const cause = verdict === 'invalid' ? 'generator' : null;
  const judged = { verdict, cause, reasons: verdict === 'met' ? [] : ['too slow'], drift: null } as const;
  const place = { number: 1, purpose: 'growth', ratePerSecond, directory: 'runs/step-01' } as const;
  return { step: describeStep(place, result, judged), result };
}
