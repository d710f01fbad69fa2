import { expect, it } from 'vitest';
import type { CapacityAnswer } from '../model/capacity.js';
import type { RunResult } from '../model/result.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { findBottleneck } from './capacity-bottleneck.js';
import { findKeyCeiling } from './capacity-key.js';
import type { MeasuredStep } from './capacity-step.js';
import { capacityRun, measuredStep, SLO } from './capacity.fixture.js';

const BRACKET: CapacityAnswer = {
  kind: 'bracket',
  meetsPerSecond: 1_000,
  missesPerSecond: 1_050,
  confirmed: { meets: { agreed: 3, of: 3 }, misses: { agreed: 3, of: 3 } },
};

/** Over five measured seconds and a drain of as many. */
const SPAN_SECONDS = 10;

/** Masters with this CPU, in cores, beside a generator that is mostly idle. */
function withCpu(result: RunResult, cores: readonly number[], others = 0): Partial<RunResult> {
  const serverCpuSeconds = cores.reduce((sum, each) => sum + SPAN_SECONDS * each, 0);
  return {
    masters: result.masters.map((master, index) => ({ ...master, cpuSeconds: SPAN_SECONDS * (cores[index] ?? 0) })),
    health: {
      ...result.health,
      eventLoopUtilization: 0.2,
      generatorCpuSeconds: SPAN_SECONDS,
      cpuSpanSeconds: SPAN_SECONDS,
      serverCpuSeconds,
      otherCpuSeconds: SPAN_SECONDS * others,
    },
  };
}

function judge(measured: readonly MeasuredStep[], input: ScenarioInput = {}, answer = BRACKET) {
  const scenario = completeScenario({ ...input, ratePerSecond: 100, thresholds: SLO }, 1);
  const comparable = measured.filter(({ step }) => step.verdict !== 'invalid');
  const keyCeiling = findKeyCeiling(scenario.keys, comparable);
  return findBottleneck({ scenario, answer, measured, comparable, blockedPerSecond: undefined, keyCeiling });
}

function missing(missesPerSecond: number): CapacityAnswer {
  return { kind: 'below', missesPerSecond, evidence: null };
}

const base = capacityRun({ ratePerSecond: 1_000 }, true);

it('names the master whose CPU is used up, and rules out the rest with figures', () => {
  const found = judge([
    measuredStep(1_000, 'met', withCpu(base, [0.3, 0.8, 0.3])),
    measuredStep(1_050, 'missed', withCpu(base, [0.3, 0.97, 0.3])),
  ]);
  expect(found).toMatchObject({ kind: 'master-cpu', master: 2 });
  expect(found.explanation).toContain('Master 2 used 97 % of a core');
  expect(found.ruledOut).toHaveLength(2);
  expect(found.ruledOut.join(' ')).toContain('% of the 10.0 ms that the SLO allows');
});

it('names the machine when all cores are used, others included, and does not count spinning as work', () => {
  const busy = [measuredStep(1_000, 'met'), measuredStep(1_050, 'missed', withCpu(base, [0.5, 0.5, 0.5], 0.2))];
  const found = judge(busy);
  expect(found.kind).toBe('machine');
  expect(found.explanation).toContain(
    'Of the 2 cores of this machine 1.9 were used at 1,050/s: load generator 0.2, masters 1.5',
  );
  const idle = [measuredStep(1_000, 'met'), measuredStep(1_050, 'missed', withCpu(base, [0.3, 0.3, 0.3]))];
  expect(judge(idle).kind).toBe('unknown');
  expect(found.explanation).toContain('The masters are the largest part: put them on other machines');
});

it('counts no master of another machine, and says that nobody counts the proxies', () => {
  const cpu = withCpu(base, [0.8, 0.8, 0.8]);
  const masters = (cpu.masters ?? []).map((master) => ({
    ...master,
    spawned: false,
    endpoint: 'redis://10.0.0.7:6379',
  }));
  const input: ScenarioInput = { rtt: [[{ roundTripMs: 0.1, jitterMs: 0 }]] };
  const steps = [measuredStep(1_000, 'met'), measuredStep(1_050, 'missed', { ...cpu, masters }, input)];
  const found = judge(steps, input);
  expect(found.kind).not.toBe('machine');
  expect(found.ruledOut.join(' ')).toContain('load generator 0.2, masters 0.0, others 0.0, the proxies that emulate');
});

it('looks at the rate that the answer names, not at one that missed once and was overturned', () => {
  const found = judge([
    measuredStep(900, 'missed', withCpu(base, [0.2, 0.2, 0.2])),
    measuredStep(1_000, 'met', withCpu(base, [0.3, 0.8, 0.3])),
    measuredStep(1_050, 'missed', withCpu(base, [0.3, 0.96, 0.3])),
    measuredStep(2_000, 'missed', withCpu(base, [0.96, 0.3, 0.3])),
  ]);
  expect(found).toMatchObject({ kind: 'master-cpu', master: 2 });
});

it('tells what is at its limit as well apart from what is ruled out, and which CPU is not known', () => {
  const found = judge([measuredStep(1_050, 'missed', withCpu(base, [0.95, 0.4, 0.4]))]);
  expect(found).toMatchObject({ kind: 'master-cpu', master: 1 });
  expect(found.alsoAtLimit).toEqual([
    expect.stringContaining('Of the 2 cores of this machine 1.9 were used') as string,
  ]);
  expect(found.ruledOut.join(' ')).not.toContain('cores of this machine');
  const untold = judge([measuredStep(1_050, 'missed', withCpu(base, [0, 0, 0]))]);
  expect(untold.ruledOut[0]).toBe('At 1,050/s how busy 3 of 3 masters were is not known.');
});

it('calls a response that is slow at light load a round trip only where round trips make up most of it', () => {
  const slow = { ...base.acquire, response: { ...base.acquire.response, p50Ns: 8_000_000 } };
  const cpu = { ...withCpu(base, [0.1, 0.1, 0.1]), acquire: slow };
  const found = judge([measuredStep(100, 'met', cpu), measuredStep(1_050, 'missed', cpu)]);
  expect(found.kind).toBe('unknown');
  expect(found.explanation).toMatch(/8\.00 ms at the median, 80 % .*: it is slow already at light load\.$/);
});

it('names the key when it changes hands as often as it can', () => {
  const input: ScenarioInput = { keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 5 } };
  const cpu = withCpu(base, [0.1, 0.1, 0.1]);
  // Acquire and release take about 1 ms each, a handoff 2 ms: about 140 a second.
  const steps = [measuredStep(100, 'met', cpu, input), measuredStep(140, 'missed', cpu, input)];
  const found = judge(steps, input, missing(140));
  expect(found.kind).toBe('key');
  expect(found.explanation).toMatch(/wanted 140\/s and can change hands 1[34]\d\/s/);
  const few = [measuredStep(20, 'met', cpu, input), measuredStep(40, 'missed', cpu, input)];
  const seldom = judge(few, input, missing(40));
  expect(seldom.kind).toBe('unknown');
});

it('names the round trip when even a light load leaves the SLO no room', () => {
  const long = capacityRun({ ratePerSecond: 10 }, true);
  const slow = { ...long.acquire, response: { ...long.acquire.response, p50Ns: 8_000_000 } };
  const cpu = withCpu(base, [0.1, 0.1, 0.1]);
  const steps = [measuredStep(100, 'met', { ...cpu, acquire: slow }), measuredStep(1_050, 'missed', cpu)];
  const found = judge(steps, { rtt: [[{ roundTripMs: 7, jitterMs: 0 }]] });
  expect(found.kind).toBe('round-trip');
  expect(found.explanation).toContain('8.00 ms at the median, 80 % of the 10.0 ms that the SLO allows');
  expect(found.explanation).toContain('the longest emulated round trip is 7.00 ms');
});

it('names the emulated speed of the masters where they get what they let through, or their queue takes the SLO', () => {
  const cpu = withCpu(base, [0.1, 0.1, 0.1]);
  // Commands since the watch began are those of other times, and of scripts.
  const masters = base.masters.map((master) => ({ ...master, commands: { set: 2_000, info: 900_000 } }));
  /** In five seconds. */
  const asked = (ratePerSecond: number): Partial<RunResult> => ({
    ...cpu,
    masters,
    attempts: { ...base.attempts, total: 5 * ratePerSecond },
    acquire: { ...base.acquire, counts: { ...base.acquire.counts, acquired: 5 * ratePerSecond } },
    release: { ...base.release, count: 5 * ratePerSecond },
  });
  const input: ScenarioInput = { serviceRatePerSecond: 500 };
  const at = (rate: number) => judge([measuredStep(rate, 'missed', asked(rate))], input, missing(rate));
  const full = at(220);
  expect(full.kind).toBe('masters-rate');
  expect(full.explanation).toContain('at 220 operations/s it was asked for 440/s, 88 % of it');
  // 320 of 500 a second: far from all, but 2 ms of service queue up to 10 ms at p99.
  const queued = at(160);
  expect(queued.kind).toBe('masters-rate');
  expect(queued.explanation).toMatch(
    /64 % of it; the wait for one of them alone is then \d+\.\d+ ms at p99, by the theory/,
  );
  const idle = at(50);
  expect(idle.kind).toBe('unknown');
  expect(idle.ruledOut[0]).toContain('20 % of it.');
});

it('does not say what limits where nothing missed, and names the generator where it ended the search', () => {
  const steps = [measuredStep(1_000, 'met')];
  expect(judge(steps, {}, missing(2_000))).toMatchObject({ kind: 'unknown', ruledOut: [] });
  const blocked: Extract<CapacityAnswer, { kind: 'at-least' }> = {
    kind: 'at-least',
    meetsPerSecond: 1_000,
    confirmed: { meets: { agreed: 3, of: 3 } },
    limit: 'generator',
    evidence: 'operations began late.',
  };
  expect(judge(steps, {}, blocked)).toMatchObject({ kind: 'generator', explanation: 'operations began late.' });
  expect(judge(steps, {}, { ...blocked, limit: 'highest-rate' }).explanation).toContain('Raise --up-to');
});
