import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../model/errors.js';
import { quorumOf } from '../model/quorum.js';
import { seededRandom } from '../model/random.js';
import { msToNs, systemClock } from '../model/time.js';
import { FenceRefusedError, QuorumUnreachableError } from './errors.js';
import { compareFences, formatFence, ownerOf, type Fence } from './fence.js';
import { Fencing, requireOneResource, type MintOutcome } from './fencing.js';
import {
  drawToken,
  findViolation,
  InstantMaster,
  NODE_TIMEOUT_MS,
  settings,
  Simulation,
  type Minted,
  type Step,
  type WriteRule,
} from './fencing.fixture.js';
import type { ScriptReply } from './master.js';
import { FENCE_READ, FENCE_WRITE } from './scripts.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const random = seededRandom(7);
const anHour = () => systemClock.nowNs() + msToNs(3_600_000);

function instantMasters(count: number): InstantMaster[] {
  return Array.from({ length: count }, (_, index) => new InstantMaster(index));
}

function mintOn(masters: ConstructorParameters<typeof Fencing>[0], untilNs = anHour()): Promise<MintOutcome> {
  const fencing = new Fencing(masters, settings);
  return fencing.mint('r', drawToken(random), fencing.startReading('r'), untilNs);
}

/** Mints while only these masters are up; fails unless there is a fence. */
async function mintWith(masters: readonly InstantMaster[], up: readonly InstantMaster[]): Promise<Fence> {
  for (const master of masters) master.isUp = up.includes(master);
  const outcome = await mintOn(masters);
  if (outcome.status !== 'minted') throw new Error(`expected a fence, got ${outcome.status}`);
  return outcome.fence;
}

describe('pitfall 21: an INCR on every master and the maximum of a quorum', () => {
  /** What the peers do: increment on the masters that answer, and take the largest. */
  function incrementOn(counters: number[], masters: readonly number[]): number {
    return Math.max(...masters.map((master) => (counters[master] = (counters[master] ?? 0) + 1)));
  }

  it('goes back: the next quorum may hold the highest counter on none of its masters', () => {
    const counters = [10, 0, 0];
    expect(incrementOn(counters, [0, 1])).toBe(11);
    expect(incrementOn(counters, [1, 2])).toBe(2);
  });

  it('gives one number twice', () => {
    const counters = [1, 0, 0];
    expect(incrementOn(counters, [0, 1])).toBe(2);
    expect(incrementOn(counters, [1, 2])).toBe(2);
  });

  it('does neither here, where the fence is written back to a quorum', async () => {
    const masters = instantMasters(3);
    const [first, second, third] = masters as [InstantMaster, InstantMaster, InstantMaster];
    first.memory.text = formatFence({ counter: 10, owner: 'f'.repeat(20) });
    expect((await mintWith(masters, [first, second])).counter).toBe(11);
    expect((await mintWith(masters, [second, third])).counter).toBe(12);
  });
});

describe('a mint', () => {
  it('is one command for each master after the reading, and takes the owner from the token', async () => {
    const masters = instantMasters(3);
    const fencing = new Fencing(masters, settings);
    const reading = fencing.startReading('r');
    expect(masters.map(({ scripts }) => scripts)).toEqual([[FENCE_READ], [FENCE_READ], [FENCE_READ]]);
    const token = drawToken(random);
    const fence = { counter: 1, owner: ownerOf(token) };
    expect(await fencing.mint('r', token, reading, anHour())).toEqual({ status: 'minted', fence });
    for (const { scripts, memory } of masters) {
      expect(scripts).toEqual([FENCE_READ, FENCE_WRITE]);
      expect(memory.text).toBe(formatFence(fence));
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is decided by a quorum and does not wait for a hung master, whose timer ends', async () => {
    const [first, second] = instantMasters(2) as [InstantMaster, InstantMaster];
    const hung = { name: 'hung', evaluate: () => undefined };
    expect((await mintOn([first, hung, second])).status).toBe('minted');
    await vi.advanceTimersByTimeAsync(2 * NODE_TIMEOUT_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes above what a refusal told, when another minted after the reading', async () => {
    const masters = instantMasters(3);
    const fencing = new Fencing(masters, settings);
    const old = fencing.startReading('r');
    for (let i = 0; i < 4; i++) expect((await mintOn(masters)).status).toBe('minted');
    const outcome = await fencing.mint('r', drawToken(random), old, anHour());
    expect(outcome).toMatchObject({ status: 'minted', fence: { counter: 5 } });
    // One reading and four pairs of others, then the refused write and the next one.
    expect(masters[0]?.scripts).toHaveLength(1 + 4 * 2 + 2);
  });

  it('succeeds although some masters refuse it', async () => {
    const masters = instantMasters(5);
    const fencing = new Fencing(masters, settings);
    const reading = fencing.startReading('r');
    for (const master of masters.slice(3)) master.memory.text = formatFence({ counter: 9, owner: 'a' });
    expect(await fencing.mint('r', drawToken(random), reading, anHour())).toMatchObject({ fence: { counter: 1 } });
    expect(await mintOn(masters)).toMatchObject({ fence: { counter: 10 } });
  });

  it('gives up after eight rounds in which others were ahead', async () => {
    let counter = 0;
    let writes = 0;
    const ahead = {
      name: 'ahead',
      evaluate: (_s: unknown, _k: unknown, args: readonly unknown[], onReply: (reply: ScriptReply) => void) => {
        writes += args.length;
        onReply(formatFence({ counter: (counter += 5), owner: 'a' }));
      },
    };
    const minting = mintOn([ahead]);
    await vi.advanceTimersByTimeAsync(100);
    const outcome = await minting;
    expect(outcome.status === 'indeterminate' && outcome.cause).toBeInstanceOf(FenceRefusedError);
    expect(writes).toBe(8);
  });

  it('is expired, and writes nothing, when no validity is left', async () => {
    const masters = instantMasters(3);
    expect(await mintOn(masters, systemClock.nowNs())).toEqual({ status: 'expired' });
    expect(masters[0]?.scripts).toEqual([FENCE_READ]);
  });

  it('is expired when it was complete only after the validity: an old holder must not get the higher fence', async () => {
    const slow = instantMasters(3).map((master) => ({
      name: master.name,
      evaluate: (...[script, keys, args, onReply]: Parameters<InstantMaster['evaluate']>) => {
        setTimeout(() => {
          master.evaluate(script, keys, args, onReply);
        }, 20);
      },
    }));
    const minting = mintOn(slow, systemClock.nowNs() + msToNs(39));
    await vi.advanceTimersByTimeAsync(100);
    expect(await minting).toEqual({ status: 'expired' });
    const inTime = mintOn(slow, systemClock.nowNs() + msToNs(41));
    await vi.advanceTimersByTimeAsync(100);
    expect((await inTime).status).toBe('minted');
  });

  it('is indeterminate when no quorum can be read, and says why', async () => {
    const masters = instantMasters(3);
    for (const master of masters.slice(1)) master.isUp = false;
    const outcome = await mintOn(masters);
    const cause = outcome.status === 'indeterminate' ? outcome.cause : undefined;
    expect(cause).toBeInstanceOf(QuorumUnreachableError);
    expect(cause?.message).toBe(
      'expected a majority of 2 of 3 masters to read a fence, got 1; check the others: ' +
        'master-1: not connected; master-2: not connected',
    );
    expect(masters[0]?.scripts).toEqual([FENCE_READ]);
  });

  it('is indeterminate when no quorum stores the fence before the node timeout', async () => {
    const [first, second] = instantMasters(2) as [InstantMaster, InstantMaster];
    const fencing = new Fencing(
      [
        first,
        {
          name: 'hung',
          evaluate: (script, keys, args, onReply) => {
            if (script === FENCE_READ) second.evaluate(script, keys, args, onReply);
          },
        },
      ],
      settings,
    );
    const minting = fencing.mint('r', drawToken(random), fencing.startReading('r'), anHour());
    await vi.advanceTimersByTimeAsync(NODE_TIMEOUT_MS + 1);
    const outcome = await minting;
    expect(outcome.status === 'indeterminate' && outcome.cause.message).toContain(
      'to store a fence, got 1; check the others: hung: no answer within the node timeout',
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes what is no fence for a failure, and leaves it there', async () => {
    const [master] = instantMasters(1) as [InstantMaster];
    master.memory.text = '42';
    const outcome = await mintOn([master]);
    expect(outcome.status === 'indeterminate' && outcome.cause.message).toContain('expected a fence at its key');
    expect(master.memory.text).toBe('42');
  });

  it('ends at the largest counter instead of counting inexactly', async () => {
    const masters = instantMasters(3);
    const last = { counter: Number.MAX_SAFE_INTEGER, owner: 'a'.repeat(20) };
    for (const { memory } of masters) memory.text = formatFence(last);
    const outcome = await mintOn(masters);
    expect(outcome.status === 'indeterminate' && outcome.cause).toBeInstanceOf(FenceRefusedError);
    expect(masters[0]?.memory.text).toBe(formatFence(last));
  });

  it('is for one resource: fences of overlapping sets could not be compared', () => {
    expect(() => {
      requireOneResource(['a']);
    }).not.toThrow();
    expect(() => {
      requireOneResource(['a', 'b']);
    }).toThrow(UsageError);
  });
});

describe('under any interleaving, lost message and crash', () => {
  const aSchedule = fc.record({
    masters: fc.integer({ min: 1, max: 5 }),
    clients: fc.integer({ min: 2, max: 4 }),
    seed: fc.nat(),
    steps: fc.array(fc.tuple(fc.nat(99), fc.nat(999)), { minLength: 40, maxLength: 150, size: 'max' }),
  });
  interface Schedule {
    readonly masters: number;
    readonly clients: number;
    readonly seed: number;
    readonly steps: readonly Step[];
  }

  async function simulate(rule: WriteRule, { masters, clients, seed, steps }: Schedule): Promise<Simulation> {
    const simulation = new Simulation(masters, clients, rule, seed);
    for (const step of steps) await simulation.step(step);
    await simulation.finish();
    return simulation;
  }

  it('fences are unique, and above every one that was complete before their first write', async () => {
    const seen = new Map<string, number>();
    let most = 0;
    await fc.assert(
      fc.asyncProperty(aSchedule, async (schedule) => {
        const { minted, outcomes } = await simulate('conditional', schedule);
        for (const status of outcomes) seen.set(status, (seen.get(status) ?? 0) + 1);
        most = Math.max(most, minted.length);
        expect(findViolation(minted, 'writtenAt')).toBeUndefined();
      }),
      { numRuns: 200 },
    );
    // Not vacuous: fences were minted, many in one run, and mints failed.
    expect(seen.get('minted')).toBeGreaterThan(400);
    expect(seen.get('indeterminate')).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(5);
  });

  it.each<WriteRule>(['unconditional', 'no write-back'])('this finds that a write rule is broken: %s', async (rule) => {
    let violation: Minted[] | undefined;
    const result = await fc.check(
      fc.asyncProperty(aSchedule, async (schedule) => {
        const { minted } = await simulate(rule, schedule);
        const found = findViolation(minted, 'readAt');
        violation ??= found;
        return found === undefined;
      }),
      { numRuns: 1_000, seed: 1, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
    const [earlier, later] = violation as [Minted, Minted];
    expect(earlier.mintedAt).toBeLessThan(later.readAt);
    expect(compareFences(earlier.fence, later.fence)).toBeGreaterThan(0);
  });

  it('the whole pair increases where the counters may not: an old reading, a lost write, and a greater owner', async () => {
    const masters = instantMasters(3);
    const [first, , third] = masters as [InstantMaster, InstantMaster, InstantMaster];
    const fencing = new Fencing(masters, settings);
    const old = fencing.startReading('r');
    const earlier = await mintWith(masters, [first, third]);
    for (const master of masters) master.isUp = true;
    let token = drawToken(random);
    while (ownerOf(token) <= earlier.owner) token = drawToken(random);
    const later = { counter: earlier.counter, owner: ownerOf(token) };
    expect(await fencing.mint('r', token, old, anHour())).toEqual({ status: 'minted', fence: later });
    expect(compareFences(earlier, later)).toBeLessThan(0);
  });
});

describe('masters that forget', () => {
  /** All ways to choose among the masters. */
  function subsets<T>(all: readonly T[], size: number): T[][] {
    if (size === 0) return [[]];
    return all.flatMap((one, index) => subsets(all.slice(index + 1), size - 1).map((rest) => [one, ...rest]));
  }

  const cases = [1, 2, 3, 4, 5].flatMap((masters) => {
    const quorum = quorumOf(masters);
    return Array.from({ length: masters - quorum + 1 }, (_, more) => quorum + more).flatMap((stored) =>
      Array.from({ length: stored + 1 }, (_, lost) => {
        const isSurvived = stored - lost > masters - quorum;
        return { masters, stored, lost, is: isSurvived ? 'is survived' : 'is not survived', isSurvived };
      }),
    );
  });

  it.each(cases)('of $masters with $stored that stored it, the loss of $lost $is', async (one) => {
    let goesBack = 0;
    let increases = 0;
    const indices = Array.from({ length: one.masters }, (_, index) => index);
    const stored = indices.slice(0, one.stored);
    for (const lost of subsets(stored, one.lost)) {
      for (const later of subsets(indices, quorumOf(one.masters))) {
        const masters = instantMasters(one.masters);
        const at = (some: readonly number[]) => masters.filter((_, index) => some.includes(index));
        for (let i = 0; i < 2; i++) await mintWith(masters, at(stored));
        const before = await mintWith(masters, at(stored));
        for (const { memory } of at(lost)) memory.text = undefined;
        const after = await mintWith(masters, at(later));
        if (compareFences(before, after) < 0) increases++;
        else goesBack++;
      }
    }
    if (one.isSurvived) expect(goesBack).toBe(0);
    else expect(goesBack).toBeGreaterThan(0);
    expect(increases + goesBack).toBeGreaterThan(0);
  });

  it('the numbers of the documentation follow', () => {
    const mostLost = (masters: number, stored: number): number =>
      Math.max(
        ...cases
          .filter((one) => one.masters === masters && one.stored === stored && one.isSurvived)
          .map(({ lost }) => lost),
      );
    expect([mostLost(3, 3), mostLost(3, 2)]).toEqual([1, 0]);
    expect([mostLost(5, 5), mostLost(5, 4), mostLost(5, 3)]).toEqual([2, 1, 0]);
    expect(mostLost(1, 1)).toBe(0);
  });

  it('fences stay unique even then', async () => {
    const masters = instantMasters(3);
    const texts = new Set<string>();
    for (let i = 0; i < 100; i++) {
      texts.add(formatFence(await mintWith(masters, masters)));
      for (const { memory } of masters) memory.text = undefined;
    }
    expect(texts.size).toBe(100);
  });
});
