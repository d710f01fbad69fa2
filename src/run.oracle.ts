/**
 * Runs whose outcome is known before they begin, from the schedule, the delay or the theory of queues.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureCli, runCli, startCli, inFolder } from './cli/cli.fixture.js';
import type { LatencySummary } from './model/histogram.js';
import type { RunResult } from './model/result.js';
import { completeScenario, type ScenarioInput } from './model/scenario.js';
import { nsToMs, sToNs, systemClock } from './model/time.js';
import { openTopology, type Topology } from './servers/topology.js';

function openMasters(input: ScenarioInput): Promise<Topology> {
  return openTopology(completeScenario(input, 1), process.env, new AbortController().signal);
}

function urlsOf(topology: Topology): string[] {
  return topology.masters.flatMap(({ identity }) => ['--endpoint', identity.endpoint]);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A machine that is busy with something else shows in the run's own verdict, and such a run proves nothing. */
const TRIES = 8;

/** Measures until a run is fit to be judged. */
async function measureFit(words: readonly string[]): Promise<{ result: RunResult; exitCode: number | null }> {
  for (let tries = 1; tries < TRIES; tries++) {
    const measured = await measureCli(words);
    if (measured.result.health.verdict !== 'invalid') return measured;
  }
  return measureCli(words);
}

/** Relative distance from what theory says. */
function distance(measured: number, expected: number): number {
  return Math.abs(measured - expected) / expected;
}

describe('a constant schedule against a master that stands still for a second', () => {
  const ratePerSecond = 500;
  const durationMs = 5_000;

  it('shows the percentiles that the schedule implies', async () => {
    await using topology = await openMasters({ masters: 1 });
    const stall = { beganNs: 0, endedNs: 0 };
    const { stdout } = await inFolder(async (folder) => {
      const words = ['run', ...urlsOf(topology), '--rate', String(ratePerSecond), '--arrivals', 'constant'];
      const limits = [
        '--node-timeout',
        '3s',
        '--ttl',
        '20s',
        '--in-flight',
        '5000',
        '--warmup',
        '0s',
        '--duration',
        '5s',
      ];
      const running = startCli([...words, ...limits, '--out', path.join(folder, 'run'), '--json']);
      await sleep(3_000);
      await topology.masters[0]?.server?.pause();
      stall.beganNs = systemClock.nowNs();
      await sleep(1_000);
      await topology.masters[0]?.server?.resume();
      stall.endedNs = systemClock.nowNs();
      return running.ended;
    });
    const { acquire, health } = JSON.parse(stdout) as RunResult;

    // Arrivals during the stall wait for its end: a uniform share of 0 to its length. All others are served at once.
    const stallMs = nsToMs(stall.endedNs - stall.beganNs);
    const total = (ratePerSecond * durationMs) / 1_000;
    const stalled = (ratePerSecond * stallMs) / 1_000;
    const waitMsAt = (share: number): number => stallMs * (1 - ((1 - share) * total) / stalled);
    expect(acquire.counts.acquired).toBe(total);
    expect(acquire.counts.dropped).toBe(0);
    expect(health.achievedOverOffered).toBe(1);
    expect(distance(nsToMs(acquire.response.p90Ns), waitMsAt(0.9))).toBeLessThan(0.05);
    expect(distance(nsToMs(acquire.response.p99Ns), waitMsAt(0.99))).toBeLessThan(0.05);
    expect(distance(nsToMs(acquire.response.maxNs), stallMs)).toBeLessThan(0.05);
    // Suspect where the machine had other work to do.
    expect(['valid', 'suspect']).toContain(health.verdict);
  });

  it('charges a stall of the generator itself to the response and not to the service, and calls the run invalid', async () => {
    const words = ['--masters', '1', '--rate', String(ratePerSecond), '--arrivals', 'constant', '--warmup', '0s'];
    const { result, exitCode } = await measureCli([...words, '--duration', '4s', '--lock', stallingLock]);
    const { response, service, scheduleDelay, counts } = result.acquire;
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(2_000);
    // 1 s of stall in 4 s: the latest quarter of the starts waited uniformly up to a second.
    expect(distance(nsToMs(response.p99Ns), 960)).toBeLessThan(0.05);
    expect(distance(nsToMs(scheduleDelay.p99Ns), 960)).toBeLessThan(0.05);
    expect(nsToMs(service.p50Ns)).toBeLessThan(100);
    expect(result.health.verdict).toBe('invalid');
    expect(exitCode).toBe(96);
  });
});

const stallingLock = new URL('./locks/stalling-lock.fixture.mjs', import.meta.url).pathname;

describe('masters behind a known delay', () => {
  const between = (summary: LatencySummary, leastMs: number): void => {
    expect(nsToMs(summary.p50Ns)).toBeGreaterThanOrEqual(leastMs);
    expect(nsToMs(summary.p50Ns)).toBeLessThanOrEqual(leastMs + 1);
  };

  it.each([1, 3, 5])('are acquired within a millisecond of it, all %d of them at once', async (masters) => {
    const words = [
      '--masters',
      String(masters),
      '--rtt',
      '20ms',
      '--rate',
      '300',
      '--warmup',
      '1s',
      '--duration',
      '4s',
    ];
    const { result } = await measureFit(words);
    between(result.acquire.service, 20);
    for (const { roundTrip } of result.masters) between(roundTrip, 20);
  });

  it('are acquired at the speed of the near ones when one of five is 50 ms slower', async () => {
    const words = ['--masters', '5', '--rtt', '10ms,10ms,10ms,10ms,60ms', '--node-timeout', '200ms', '--rate', '300'];
    const { result } = await measureFit([...words, '--warmup', '1s', '--duration', '4s']);
    between(result.acquire.service, 10);
    const far = result.masters[4]?.roundTrip;
    expect(nsToMs(far?.p50Ns ?? 0)).toBeGreaterThanOrEqual(60);
  });
});

describe('Poisson arrivals on one key, one attempt each', () => {
  const ARRIVALS = 10_000;
  const RUN_SECONDS = 4;
  const BUDGET_NS = sToNs(240);

  // M/G/1/1: a share a / (1 + a) of the arrivals finds the key taken, a = rate × mean time that it is occupied,
  // whatever the distribution of that time (Erlang's loss formula is insensitive to it). Many short runs instead of a
  // long one: a second in which the generator itself was stopped bunches its arrivals, which are Poisson no more.
  it.each([
    ['0.1', 300, '0ms'],
    ['0.5', 400, 'exp:1ms'],
    ['1', 700, 'exp:1ms'],
  ])('are refused as often as the loss formula says for a around %s', { timeout: 280_000 }, async (_, rate, hold) => {
    const words = ['--masters', '1', '--keys', 'single', '--acquire-timeout', '0ms', '--rate', String(rate)];
    const times = ['--hold', hold, '--warmup', '500ms', '--duration', `${String(RUN_SECONDS)}s`];
    const startNs = systemClock.nowNs();
    let arrivals = 0;
    let refused = 0;
    let expected = 0;
    while (arrivals < ARRIVALS && systemClock.nowNs() - startNs < BUDGET_NS) {
      const { result } = await measureCli([...words, ...times]);
      if (['invalid', 'overloaded'].includes(result.health.verdict)) continue;
      const { counts, service } = result.acquire;
      const seen = counts.acquired + counts.held;
      // The server sees the key taken from about half a round trip before the grant is known to half a one after the
      // release was sent: one round trip beside the hold.
      const a = (rate * (result.hold.meanNs + (service.meanNs + result.release.meanNs) / 2)) / sToNs(1);
      arrivals += seen;
      refused += counts.held;
      expected += (seen * a) / (1 + a);
    }
    expect(arrivals).toBeGreaterThan(ARRIVALS);
    expect(Math.abs(refused - expected) / arrivals).toBeLessThan(0.02);
  });
});

describe('the verdict on the run itself', () => {
  it('is overloaded, not invalid, when slow masters cannot take the rate', async () => {
    // 200 ms round trips and at most 20 operations under way allow 50 or so a second.
    const words = ['--masters', '3', '--rtt', '200ms', '--node-timeout', '1s', '--rate', '500', '--in-flight', '20'];
    const { result, exitCode } = await measureFit([...words, '--warmup', '1s', '--duration', '3s']);
    expect(result.health.verdict).toBe('overloaded');
    expect(result.acquire.counts.dropped).toBeGreaterThan(1_000);
    expect(result.health.achievedOverOffered).toBeLessThan(0.2);
    expect(exitCode).toBe(0);
  });

  it('is a lower bound, suspect, when a closed loop saturates its worker', async () => {
    const { exitCode, stdout } = await inFolder((folder) =>
      runCli(['run', '--masters', '1', '--concurrency', '256', '--duration', '3s', '--out', path.join(folder, 'run')]),
    );
    expect(stdout).toContain('≥');
    expect(exitCode).toBe(0);
  });
});
