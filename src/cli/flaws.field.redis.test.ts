import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import type * as run from '../run.js';
import { findScenario } from './scenarios.js';

// A worker thread cannot load TypeScript.
const built = new URL('../../dist/src/run.js', import.meta.url).href;
const { runScenario } = (await import(built)) as typeof run;

const listener = {
  phase: () => undefined,
  started: () => Promise.resolve(),
  loaded: () => undefined,
  interval: () => undefined,
  fault: () => undefined,
  vitals: () => undefined,
};

/** Runs a named scenario for so long, without warm-up, with what is laid over it. */
async function measure(name: string, seconds: number, input: ScenarioInput = {}): Promise<RunResult> {
  const [scenario] = findScenario(name).runs;
  const shortened = { ...scenario, warmupMs: 0, durationMs: seconds * 1_000, ...input };
  const { signal } = new AbortController();
  return runScenario(completeScenario(shortened, 1), { listener, environment: process.env, signal });
}

const TRIES = 3;

/** Measures until the finding is there: a machine that stands still at the wrong moments can hide a race. */
async function measureUntil(
  isFound: (result: RunResult) => boolean,
  ...what: Parameters<typeof measure>
): Promise<RunResult> {
  for (let tries = 1; tries < TRIES; tries++) {
    const result = await measure(...what);
    if (isFound(result)) return result;
  }
  return measure(...what);
}

/** How many were acquired in the seconds from this one on. */
function acquiredFrom({ series }: RunResult, second: number): number {
  return series.slice(second).reduce((sum, { counts }) => sum + counts.acquired, 0);
}

describe('stale-release', () => {
  it('convicts a lock whose late release deletes without looking', async () => {
    const result = await measure('stale-release', 1.5);
    expect(result.scenario.lock).toBe('del-on-release');
    expect(result.safety.verdict).toBe('violation');
    expect(result.exitCode).toBe(3);
  });

  it('sees nothing but overruns of a lock that compares before it deletes', async () => {
    const result = await measure('stale-release', 1, { lock: 'set-nx-px' });
    expect(result.safety).toMatchObject({ verdict: 'none-observed', contractCount: 0 });
    expect(result.safety.overruns).toBeGreaterThan(0);
    expect(result.exitCode).toBe(0);
  });
});

describe('slow-release', () => {
  it('convicts a lock that looks and then deletes, though every holder obeys its lease', async () => {
    const result = await measureUntil(({ safety }) => safety.contractCount > 0, 'slow-release', 3);
    expect(result.scenario.lock).toBe('get-then-del');
    expect(result.safety.verdict).toBe('violation');
    expect(result.exitCode).toBe(3);
  });

  it('has nothing against a lock that does both at once', async () => {
    const result = await measure('slow-release', 1, { lock: 'set-nx-px' });
    expect(result.safety).toMatchObject({ verdict: 'none-observed', contractCount: 0 });
    expect(result.exitCode).toBe(0);
  });
});

describe('killed-holder', () => {
  it('leaves a key without ttl that nobody ever acquires again', async () => {
    const result = await measure('killed-holder', 3);
    expect(result.scenario.lock).toBe('setnx');
    expect(result.incidents).toEqual([expect.stringMatching(/^worker 2 of 2 was killed while it held key 0,/)]);
    expect(result.safety).toMatchObject({ leakedKeys: 1, keysWithoutTtl: 1 });
    expect(acquiredFrom(result, 0)).toBeGreaterThan(0);
    expect(acquiredFrom(result, 2)).toBe(0);
    // A planned death is no crash, and the survivor's figures stand.
    expect({ status: result.status, exitCode: result.exitCode, verdict: result.safety.verdict }).toEqual({
      status: 'complete',
      exitCode: 0,
      verdict: 'none-observed',
    });
  });

  it('goes on after the ttl where there is one', async () => {
    const result = await measure('killed-holder', 3, { lock: 'set-nx-px', ttlMs: 500 });
    expect(result.incidents).toEqual([expect.stringMatching(/^worker 2 of 2 was killed while it held key 0,/)]);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', keysWithoutTtl: 0 });
    // Killed after a second and a half, and the ttl is half of one.
    expect(acquiredFrom(result, 2)).toBeGreaterThan(0);
  });
});

describe('killed-acquirer', () => {
  it('leaves keys without ttl where the ttl comes second', async () => {
    const result = await measure('killed-acquirer', 1.5);
    expect(result.scenario.lock).toBe('setnx-then-expire');
    expect(result.safety.keysWithoutTtl).toBeGreaterThan(0);
    expect(result.safety.leakedKeys).toBeGreaterThan(result.safety.keysWithoutTtl ?? Infinity);
  });
});

describe('livelock', () => {
  const [near, far] = [10, 400].map((roundTripMs) => ({ roundTripMs, jitterMs: 0 }));
  /** One burst, in slow motion: on a busy machine threads get out of step by more than the jitter that people use. */
  const slowly: ScenarioInput = {
    rtt: [0, 1, 2].map((zone) => [0, 1, 2].map((master) => (master === zone ? near! : far!))),
    nodeTimeoutMs: 600,
    acquireTimeoutMs: 3_800,
    ratePerSecond: 0.5,
  };

  it('is seen as split votes without an acquisition, second after second', async () => {
    const result = await measureUntil(({ acquire }) => acquire.counts.acquired === 0, 'livelock', 2.5, slowly);
    const firstSeconds = result.series.slice(0, 2);
    expect(firstSeconds.map(({ counts }) => counts.acquired)).toEqual([0, 0]);
    expect(firstSeconds.every(({ splitVotes }) => splitVotes >= 3)).toBe(true);
  });

  it('ends with jitter', async () => {
    const result = await measure('livelock', 4, { ...slowly, retryJitterMs: 1_000 });
    expect(result.acquire.counts.acquired).toBeGreaterThan(0);
  });
});

describe('expired-on-arrival', () => {
  it('is granted to nobody who asks one master after the other', async () => {
    const result = await measure('expired-on-arrival', 2.5);
    expect(result.scenario.lock).toBe('redlock-sequential');
    expect(result.acquire.counts).toMatchObject({ acquired: 0, held: 0, indeterminate: 0 });
    expect(result.acquire.counts.expired).toBeGreaterThan(0);
    expect(result.safety.witnessed).toBe(0);
  });
});
