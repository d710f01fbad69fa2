import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { completeScenario } from './model/scenario.js';
import type * as run from './run.js';

// Workers run from the build.
const built = new URL('../dist/src/run.js', import.meta.url).href;
const { runScenario } = (await import(built)) as typeof run;

it('leaves nothing of a run on the signal of a command that makes many', async () => {
  const { signal } = new AbortController();
  const scenario = completeScenario({ masters: 1, ratePerSecond: 100, warmupMs: 0, durationMs: 200 }, 1);
  const nothing = (): void => undefined;
  const heard = { phase: nothing, loaded: nothing, interval: nothing, fault: nothing, vitals: nothing };
  const listener = { ...heard, started: () => Promise.resolve() };
  const { status } = await runScenario(scenario, { listener, environment: process.env, signal });
  expect([status, getEventListeners(signal, 'abort').length]).toEqual(['complete', 0]);
});
