/**
 * What every lock must do to be measured, whatever is behind it: one suite, run for each adapter by a few lines.
 *
 * A lock that does not pass a case skips it with a reason, which is printed. The case is run all the same, and must
 * fail: a reason that is no longer true fails the suite.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ScenarioInput } from '../model/scenario.js';
import { CONTRACT_CASES } from './adapter-contract.conformance.js';
import { FAULT_CASES } from './adapter-faults.conformance.js';
import { AdapterStage, type Case } from './adapter-stage.fixture.js';
import type { LockAdapter } from './lock-client.js';

const CASES = { ...CONTRACT_CASES, ...FAULT_CASES } satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

export interface AdapterSubject {
  readonly adapter: LockAdapter;
  readonly masters: number;
  /** The cases that the lock does not pass, and why. */
  readonly skips?: Partial<Record<CaseName, string>>;
  /** Of these, the ones that it would fail by waiting for seconds: they are not run. */
  readonly hangs?: readonly CaseName[];
  /** What the adapter is opened with besides, such as the transport. */
  readonly scenario?: ScenarioInput;
  /** To tell two runs of one adapter apart. */
  readonly title?: string;
}

/** After this long a skipped case counts as one that does not pass. */
const SKIPPED_LIMIT_MS = 15_000;

/** Describes the suite for one adapter. Call it at the top of a `.redis.test.ts` file. */
export function testAdapter(subject: AdapterSubject): void {
  const { adapter, masters, skips = {}, hangs = [], scenario, title = adapter.name } = subject;
  describe(title, () => {
    const stage = new AdapterStage(adapter, masters, scenario);
    for (const [name, one] of Object.entries<Case>(CASES)) {
      const lack = one.lacks?.(adapter, masters);
      const reason = skips[name as CaseName];
      if (lack !== undefined) it.skip(`${name}: ${lack}`);
      else if (reason === undefined) it(name, () => one.run(stage));
      else if (one.isUnrunWhenSkipped === true || hangs.includes(name as CaseName))
        it.skip(`${name}: skipped, ${reason}`);
      else it(`not so, ${reason}: ${name}`, () => expectFailure(() => one.run(stage)));
    }
  });
}

/** Passes when the case fails; what it fails with is not asked, since it may be a hang. */
async function expectFailure(run: () => Promise<void>): Promise<void> {
  const hasPassed = run().then(
    () => true,
    () => false,
  );
  const isOver = await Promise.race([hasPassed, sleep(SKIPPED_LIMIT_MS, false)]);
  expect(isOver, 'expected the skipped case to fail, it passed: remove the skip').toBe(false);
}
