import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFaultProblems } from '../model/fault-schedule.js';
import type { ScheduledFault } from '../model/fault.js';
import { mostStalled, planFaults, type FaultPlan } from './tune-faults.js';

const PLAN: FaultPlan = { masters: 5, durationMs: 10_000, failingShare: 0.1, stall: null, seed: 1, round: 1 };

const anyPlan: fc.Arbitrary<FaultPlan> = fc
  .record({
    masters: fc.integer({ min: 1, max: 9 }),
    durationMs: fc.integer({ min: 5_000, max: 60_000 }),
    together: fc.double({ min: 0, max: 0.8, noNaN: true }),
    stall: fc.option(
      fc
        .record({ part: fc.double({ min: 0.01, max: 1, noNaN: true }), lengthMs: fc.integer({ min: 5, max: 500 }) })
        .map(({ part, lengthMs }) => ({ share: part * mostStalled(lengthMs), lengthMs })),
    ),
    seed: fc.integer({ min: 0, max: 4_294_967_295 }),
    round: fc.integer({ min: 1, max: 10 }),
  })
  .map(({ together, ...plan }) => ({ ...plan, failingShare: together / plan.masters }));

describe('the faults of a run', () => {
  it('take every master out of reach once, for exactly its share, and never two at a time', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const outages = planFaults(plan).filter(({ fault }) => fault.kind === 'blackhole');
        const lengthMs = Math.round(plan.durationMs * plan.failingShare);
        const masters = lengthMs === 0 ? [] : Array.from({ length: plan.masters }, (_, place) => place + 1);
        expect(outages.map(masterOf).sort((a, b) => a - b)).toEqual(masters);
        expect(outages.every(({ forMs }) => forMs === lengthMs)).toBe(true);
        outages.forEach((outage, index) => {
          const next = outages[index + 1];
          if (next !== undefined) expect(next.atMs).toBeGreaterThanOrEqual(endOf(outage));
        });
      }),
    );
  });

  it('are none that a run would refuse: within it, and no two at once on one way', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const { masters, durationMs } = plan;
        const stage = { masters, durationMs, workers: 1, areMastersSpawned: true, downMasters: [], killedWorkers: [] };
        expect(findFaultProblems({ ...stage, faults: planFaults(plan) })).toEqual([]);
      }),
    );
  });

  it('stall each way for a share of all rounds that is right to less than one stall', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 4 }), (plan, rounds) => {
        const { stall, durationMs, masters } = plan;
        fc.pre(stall !== null && plan.failingShare * masters <= 0.6);
        const faults = Array.from({ length: rounds }, (_, round) => planFaults({ ...plan, round: round + 1 })).flat();
        const exact = (rounds * durationMs * stall.share) / stall.lengthMs;
        for (let master = 1; master <= masters; master++) {
          const stalls = faults.filter((each) => each.fault.kind === 'hold-replies' && masterOf(each) === master);
          if (!(Math.abs(stalls.length - exact) < 1)) expect(stalls.length).toBeCloseTo(exact);
        }
      }),
    );
  });

  it('begin with a second where they last one, so that whole seconds lie in them', () => {
    const outages = planFaults(PLAN);
    expect(outages.map(({ atMs }) => atMs)).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
    expect(new Set(outages.map(({ forMs }) => forMs))).toEqual(new Set([1_000]));
  });

  it('are those of the seed and the round', () => {
    const plan = { ...PLAN, stall: { share: 0.02, lengthMs: 100 } };
    expect(planFaults(plan)).toEqual(planFaults(plan));
    expect(planFaults({ ...plan, round: 2 })).not.toEqual(planFaults(plan));
    expect(planFaults({ ...plan, failingShare: 0, stall: null })).toEqual([]);
  });
});

function masterOf({ fault }: ScheduledFault): number {
  return 'master' in fault ? fault.master : 0;
}

function endOf({ atMs, forMs = 0 }: ScheduledFault): number {
  return atMs + forMs;
}
