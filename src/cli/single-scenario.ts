/**
 * The one scenario of a command that runs one again and again.
 *
 * @module
 */
import type { NamedScenario } from '../../bench/scenarios/named-scenario.js';
import { UsageError } from '../model/errors.js';
import { completeScenario, validateScenario, type Scenario, type ScenarioInput } from '../model/scenario.js';
import { readOptions, type RawArguments } from './options.js';
import { findConflicts, overlay } from './overlay.js';
import { findScenario } from './scenarios.js';

/** Twice ten runs of it stay below five minutes. */
export const BRIEF_RUN = { warmupMs: 1_000, durationMs: 8_000 } as const;

/** A scenario by name, and what the flags lay over it. */
export interface SingleScenario {
  readonly named: NamedScenario;
  readonly base: ScenarioInput;
  readonly input: ScenarioInput;
}

/**
 * Reads the scenario's name and the flags of `run`.
 *
 * @throws UsageError with every problem of the words
 */
export function readSingleScenario(command: string, raw: RawArguments): SingleScenario {
  const named = findScenario(typeof raw['scenario'] === 'string' ? raw['scenario'] : undefined);
  const run = onlyRunOf(command, named);
  // Faults have their times, which a shorter run would cut off.
  const isTimed = (run.faults ?? []).length > 0;
  return { named, base: { ...(isTimed ? {} : BRIEF_RUN), ...run }, input: readOptions(raw) };
}

/**
 * The run of a scenario that has one.
 *
 * @throws UsageError when it has several
 */
export function onlyRunOf(command: string, { name, runs }: NamedScenario): ScenarioInput {
  const [run] = runs;
  if (run !== undefined && runs.length === 1) return run;
  throw new UsageError([
    `${command}: expected a scenario with one run, got ${name}, which has ${String(runs.length)}; ` +
      'name another one, such as uncontended or contended',
  ]);
}

/**
 * Completes and checks it.
 *
 * @throws UsageError with every problem that can be seen without asking a lock
 */
export function layOver({ named, base, input }: SingleScenario, more: ScenarioInput, seed: number): Scenario {
  const scenario = completeScenario(overlay(overlay(base, input), more), seed);
  const problems = [...validateScenario(scenario), ...findConflicts({ ...input, ...more }, [scenario])];
  if (problems.length > 0) throw new UsageError([...new Set(problems)]);
  return { ...scenario, name: named.name };
}
