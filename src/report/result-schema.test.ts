import { describe, expect, it } from 'vitest';
import { compileResultCheck } from './result-schema.js';
import { faultyRun, hopelessRun, nastyRun, openLoopRun, tinyRun } from './sample-runs.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

const check = await compileResultCheck();
const written = (result: unknown): unknown => JSON.parse(JSON.stringify(result));

/** Keys that the schema allows to be absent: JSON leaves out what is undefined. */
const OPTIONAL = new Set([
  'scenario.server',
  'scenario.concurrency',
  'scenario.ratePerSecond',
  'scenario.serviceRatePerSecond',
]);
/** Objects whose keys are data. */
const MAPS = /(\.libraries|\.config|\.commands)$/;

interface Place {
  readonly path: string;
  readonly owner: Record<string, unknown>;
}

/** Every object of a result, one of each list. */
function objectsOf(value: unknown, path = ''): Place[] {
  if (Array.isArray(value)) return objectsOf(value[0], path);
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Record<string, unknown>;
  return [
    { path, owner },
    ...Object.entries(owner).flatMap(([key, child]) => objectsOf(child, path === '' ? key : `${path}.${key}`)),
  ];
}

describe('result.schema.json', () => {
  it('accepts every kind of run that there is', () => {
    const runs = [simulateRun().result, openLoopRun(), nastyRun(), hopelessRun(), tinyRun(), faultyRun()];
    expect(runs.map((run) => check(written(run)))).toEqual([[], [], [], [], [], []]);
  });

  it('misses every key that is missing, at every depth', () => {
    const result = written({ ...nastyRun(), fairness: simulateRun().result.fairness });
    const accepted: string[] = [];
    let removed = 0;
    for (const { path, owner } of objectsOf(result)) {
      if (MAPS.test(path)) continue;
      for (const key of Object.keys(owner)) {
        const place = path === '' ? key : `${path}.${key}`;
        const { [key]: value } = owner;
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is what the test removes
        delete owner[key];
        if (check(result).length === 0 && !OPTIONAL.has(place)) accepted.push(place);
        owner[key] = value;
        removed++;
      }
    }
    expect(accepted).toEqual([]);
    expect(removed).toBeGreaterThan(200);
    expect(check(result)).toEqual([]);
  });

  it('refuses a key that it does not know, at every depth', () => {
    const result = written(nastyRun());
    const accepted: string[] = [];
    for (const { path, owner } of objectsOf(result)) {
      if (MAPS.test(path)) continue;
      owner['misnamed'] = 1;
      if (check(result).length === 0) accepted.push(path);
      delete owner['misnamed'];
    }
    expect(accepted).toEqual([]);
  });

  it('names the place and the key of what it refuses', () => {
    const result = written(nastyRun()) as { acquire: Record<string, unknown> };
    result.acquire['successRate'] = 1;
    expect(check(result)).toEqual(['/acquire: must NOT have additional properties (successRate)']);
  });

  it('refuses what JSON makes of NaN', () => {
    const { result } = simulateRun();
    const broken = { ...result, acquire: { ...result.acquire, ratePerSecond: NaN } };
    expect(check(written(broken))).toEqual(['/acquire/ratePerSecond: must be number']);
  });
});
