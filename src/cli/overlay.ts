/**
 * How flags lie over named scenarios.
 *
 * @module
 */
import type { Scenario, ScenarioInput } from '../model/scenario.js';

/** Flags win over the named scenario; asking for one kind of loop takes back the other. */
export function overlay(run: ScenarioInput, input: ScenarioInput): ScenarioInput {
  const isRateAsked = input.ratePerSecond !== undefined;
  const isConcurrencyAsked = input.concurrency !== undefined;
  return {
    ...run,
    ...(isRateAsked && !isConcurrencyAsked ? { concurrency: undefined } : {}),
    ...(isConcurrencyAsked && !isRateAsked ? { ratePerSecond: undefined } : {}),
    ...input,
  };
}

/** Flags that would silently mean nothing beside others. */
export function findConflicts(input: ScenarioInput, scenarios: readonly Scenario[]): string[] {
  const problems: string[] = [];
  if (input.endpoints !== undefined) {
    for (const flag of ['masters', 'persistence', 'socket'] as const) {
      if (input[flag] === undefined) continue;
      problems.push(
        `--${flag}, --endpoint: expected one of the two, got both; running masters are as they are: drop --${flag}`,
      );
    }
  }
  if (scenarios.every((scenario) => scenario.ratePerSecond === undefined)) {
    for (const [flag, given] of [
      ['arrivals', input.arrivals],
      ['burst', input.burst],
      ['in-flight', input.inFlight],
    ] as const) {
      if (given === undefined) continue;
      problems.push(
        `--${flag}: expected with --rate, got a closed loop, which has no schedule; add --rate 500, or drop --${flag}`,
      );
    }
  }
  return problems;
}
