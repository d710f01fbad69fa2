/** The reference driver against a real master: needs a python3 that has the package redis. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IntervalChecker } from '../check/intervals.js';
import { splitSlots, type Shard } from '../load/shard.js';
import { Totals } from '../load/totals.js';
import { allocateWitness } from '../load/witness.js';
import { keyCount } from '../load/workload.js';
import { DRIVER_LOCKS } from '../locks/driver-lock.js';
import { EnvironmentError } from '../model/errors.js';
import { nameHolder } from '../model/holder.js';
import type { Manifest, RunResult } from '../model/result.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import { TestMaster } from '../redlock/redis.fixture.js';
import { runScenario } from '../run.js';
import { createDriverRunner } from './driver-runner.js';
import type { ShardResult } from './protocol.js';

const redisPy = DRIVER_LOCKS.find(({ name }) => name === 'redis-py')!;
const python = ['python3', '/usr/bin/python3'].find(hasRedis);
const title =
  python === undefined ? ' (skipped: no python3 with the package redis; apt-get install python3-redis)' : '';

function hasRedis(program: string): boolean {
  try {
    execFileSync(program, ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(python === undefined)(`the driver of redis-py${title}`, () => {
  let master: TestMaster;
  beforeAll(async () => {
    master = await TestMaster.start();
  });
  afterAll(async () => {
    await master.stop();
  });

  interface Measured {
    readonly totals: Totals;
    readonly witnessed: number;
    readonly contractCount: number;
    readonly results: readonly ShardResult[];
    readonly elapsedMs: number;
  }

  /** Runs the driver without warm-up; the master counts from the same moment. */
  async function measure(input: ScenarioInput, stopAfterMs?: number): Promise<Measured> {
    const scenario = completeScenario(
      { warmupMs: 0, durationMs: 1_200, nodeTimeoutMs: 1_000, masters: 1, ...input },
      1,
    );
    const checker = new IntervalChecker({
      sources: scenario.workers,
      keys: keyCount(scenario),
      describeHolder: nameHolder,
    });
    const lock = { ...redisPy, command: [python!, ...redisPy.command.slice(1)] };
    await using runner = createDriverRunner(lock, checker, process.env);
    const [stop, kill] = [new AbortController(), new AbortController()];
    let start: (barrierNs: number) => void = () => {};
    const barrier = new Promise<number>((resolve) => {
      start = resolve;
    });
    const measured = {
      totals: new Totals(1),
      witnessed: 0,
      contractCount: 0,
      results: [] as ShardResult[],
      elapsedMs: 0,
    };
    let ready = 0;
    // One for all of them: they want the same keys.
    const runId = `test-${String(systemClock.nowNs())}`;
    const follow = async (split: { firstSlot: number; slots: number }, worker: number): Promise<void> => {
      const shard: Shard = {
        worker,
        runId,
        scenario,
        masters: [
          { socket: { kind: 'unix', path: master.path }, username: undefined, password: undefined, database: 0 },
        ],
        witness: allocateWitness(1, 1),
        ...split,
      };
      for await (const told of runner.run(shard, barrier, stop.signal, kill.signal)) {
        if (told.kind === 'ready') {
          if (++ready < scenario.workers) continue;
          await master.admin.config('RESETSTAT');
          start(systemClock.nowNs() + msToNs(20));
          if (stopAfterMs !== undefined) setTimeout(() => stop.abort(), stopAfterMs);
        } else {
          measured.totals.absorb(told.recorded);
          measured.witnessed += told.witnessed.witnessed;
          measured.contractCount += told.witnessed.contractCount;
          if (told.kind === 'finished') measured.results.push(told);
        }
      }
    };
    const beganNs = systemClock.nowNs();
    await Promise.all(splitSlots(scenario).map(follow));
    return { ...measured, elapsedMs: nsToMs(systemClock.nowNs() - beganNs) };
  }

  /** The lock releases by a script, which deletes. */
  async function expectCountsOfMaster({ totals, witnessed, contractCount, results }: Measured): Promise<void> {
    expect(await master.calls('set')).toBe(totals.attempts);
    expect(await master.calls('del')).toBe(totals.releases.released);
    expect(totals.counts.acquired).toBe(totals.releases.released);
    expect({ witnessed, contractCount }).toEqual({ witnessed: totals.counts.acquired, contractCount: 0 });
    expect(totals.counts).toMatchObject({ indeterminate: 0, expired: 0, aborted: 0 });
    expect(results.every(({ adapterError }) => adapterError === undefined)).toBe(true);
    expect(await master.admin.dbsize()).toBe(0);
  }

  it('agrees with the master about every command of a closed loop', async () => {
    const measured = await measure({ concurrency: 4, workers: 2 });
    await expectCountsOfMaster(measured);
    expect(measured.results).toHaveLength(2);
    expect(measured.totals.attempts).toBe(measured.totals.counts.acquired);
    expect(measured.totals.counts.acquired).toBeGreaterThan(50);
    expect(measured.results[0]!.acquiredPerSlot.every((acquired) => acquired > 0)).toBe(true);
    expect(measured.results[0]!.processCpuSeconds).toBeGreaterThan(0);
    // The promise counts from the SET that was granted.
    expect(measured.totals.validityMs.quantile(0.5)).toBeGreaterThan(9_000);
  });

  it('takes turns on a single key, with attempts that the master counts too', async () => {
    const measured = await measure({ concurrency: 4, keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 5 } });
    await expectCountsOfMaster(measured);
    expect(measured.totals.attempts).toBeGreaterThan(measured.totals.counts.acquired);
    expect(measured.totals.histograms.hold.quantile(0)).toBeGreaterThanOrEqual(5_000);
  });

  it('gives up at once without an acquire timeout', async () => {
    const holding = { keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 20 } } as const;
    const measured = await measure({ concurrency: 2, acquireTimeoutMs: 0, ...holding });
    await expectCountsOfMaster(measured);
    expect(measured.totals.counts.held).toBeGreaterThan(0);
    expect(measured.totals.perAcquisition.quantile(1)).toBe(1);
  });

  it.each(['constant', 'poisson'] as const)('follows a %s schedule over two processes', async (arrivals) => {
    const measured = await measure({
      ratePerSecond: 100,
      arrivals,
      inFlight: 20,
      workers: 2,
      keys: { kind: 'zipf', keys: 500, theta: 1 },
    });
    await expectCountsOfMaster(measured);
    if (arrivals === 'constant') expect(measured.totals.intended).toBe(120);
    else expect(Math.abs(measured.totals.intended - 120)).toBeLessThan(50);
  });

  it('drops the starts for which nobody is free', async () => {
    const hold = { kind: 'constant', meanMs: 100 } as const;
    const measured = await measure({ ratePerSecond: 100, arrivals: 'constant', burst: 5, inFlight: 5, hold });
    await expectCountsOfMaster(measured);
    expect(measured.totals.intended).toBe(120);
    expect(measured.totals.counts.dropped).toBeGreaterThan(0);
  });

  it('ends soon when it is stopped, with its locks released', async () => {
    const holding = { keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 8_000 } } as const;
    const measured = await measure({ concurrency: 3, durationMs: 60_000, ...holding }, 300);
    expect(measured.totals.counts).toMatchObject({ acquired: 1, unfinished: 2 });
    expect(measured.totals.releases.released).toBe(1);
    expect(measured.elapsedMs).toBeLessThan(10_000);
    expect(await master.admin.dbsize()).toBe(0);
  });

  it('sees that a lock was lost', async () => {
    const measured = await measure({
      concurrency: 1,
      ttlMs: 20,
      hold: { kind: 'constant', meanMs: 100 },
      allowOverrun: true,
    });
    expect(measured.totals.releases.lost).toBeGreaterThan(0);
    expect(measured.totals.releases.lost).toBe(measured.totals.counts.acquired);
  });
});

describe('a run with drivers', () => {
  const fixture = new URL('./misbehaving-driver.fixture.mjs', import.meta.url).pathname;

  async function runWith(
    mode: string,
    input: ScenarioInput,
    isInterruptedAtStart = false,
  ): Promise<{ result: RunResult; manifest: Manifest }> {
    const manifests: Manifest[] = [];
    const interruption = new AbortController();
    const listener = {
      phase: () => {},
      started: async (manifest: Manifest) => {
        manifests.push(manifest);
        if (isInterruptedAtStart) interruption.abort();
      },
      loaded: () => {},
      interval: () => {},
      fault: () => {},
      vitals: () => {},
    };
    const lock = `process:'${process.execPath}' '${fixture}' ${mode}`;
    const scenario = completeScenario(
      { masters: 1, warmupMs: 0, durationMs: 1_500, concurrency: 4, ...input, lock },
      1,
    );
    const result = await runScenario(scenario, {
      listener,
      environment: process.env,
      signal: interruption.signal,
    });
    return { result, manifest: manifests[0]! };
  }

  it('names the lock that its drivers measure, and adds their CPU to the generator’s', async () => {
    const { result, manifest } = await runWith('busy', { workers: 2 });
    expect(result).toMatchObject({ status: 'complete', incidents: [], lock: { name: 'fixture', version: '1.0' } });
    expect(manifest.lock).toEqual(result.lock);
    expect(result.acquire.counts.acquired).toBe(4 * 1_499);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', witnessed: 4 * 1_499 });
    expect(result.fairness).toMatchObject({ jain: 1 });
    expect(result.health.generatorCpuSeconds).toBeGreaterThan(1);
    expect(result.health.verdict).toBe('suspect');
  });

  it('is crashed when a driver dies, with what it had reported', async () => {
    const { result } = await runWith('die', {});
    expect(result).toMatchObject({ status: 'crashed', exitCode: 1, safety: { verdict: 'unknown' } });
    expect(result.incidents).toEqual([
      'worker 0 died: the driver died before it finished: exit code 3; it said: first line | segmentation fault, nearly',
    ]);
    expect(result.acquire.counts.acquired).toBeGreaterThan(100);
    expect(result.series[0]!.counts.acquired).toBe(result.acquire.counts.acquired);
  });

  it('is interrupted when it is stopped between the readiness of its drivers and the start', async () => {
    const { result } = await runWith('good', {}, true);
    expect(result).toMatchObject({ status: 'interrupted', measuredMs: 0, incidents: [] });
  });

  it('does not begin when the driver cannot do the scenario', async () => {
    await expect(runWith('good', { masters: 3 })).rejects.toThrow(EnvironmentError);
  });
});
