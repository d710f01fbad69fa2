import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AcquireOutcome, HeldLock, LockClient, LockRequest } from '../locks/lock-client.js';
import { SegmentDecoder } from '../model/history-decoder.js';
import type { Operation } from '../model/operation.js';
import { seededRandom } from '../model/random.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import { drive } from './driver.js';
import { startHistory } from './history-writer.js';
import type { InFlightSnapshot } from './in-flight-count.js';
import { constantPacer } from './pacer.js';
import { createRecorder } from './recorder.js';
import { measuredWindow, type Shard } from './shard.js';
import { allocateWitness, Witness, type WitnessReport } from './witness.js';
import { createWorkload, keyCount, slotCount } from './workload.js';

type Acquire = (request: LockRequest, signal: AbortSignal) => Promise<AcquireOutcome>;

interface Driven {
  readonly operations: Operation[];
  readonly released: HeldLock[];
  readonly witnessed: WitnessReport;
  readonly witness: Witness;
  readonly grantedExpired: number;
  readonly inFlight: InFlightSnapshot | null;
  readonly windowEndNs: number;
  readonly adapterError: Error | undefined;
}

const grant = (request: LockRequest): AcquireOutcome => ({
  status: 'acquired',
  attempts: 1,
  lock: { resources: request.resources, token: 't', validUntilNs: systemClock.nowNs() + msToNs(request.ttlMs) },
});

/** Drives one shard against a client made of one function; everything else is real. */
async function driveWith(
  input: ScenarioInput,
  acquire: Acquire,
  interrupt?: AbortSignal,
  release: LockClient['release'] = () => Promise.resolve({ status: 'released' }),
  historyFile?: string,
): Promise<Driven> {
  const scenario = completeScenario({ warmupMs: 0, durationMs: 100, ...input }, 1);
  const slots = slotCount(scenario);
  const memory = allocateWitness(keyCount(scenario), slots);
  const shard: Shard = { worker: 0, runId: 'test', scenario, masters: [], witness: memory, firstSlot: 0, slots };
  const barrierNs = systemClock.nowNs();
  const history = startHistory({ ...shard, historyFile }, barrierNs);
  const window = measuredWindow(scenario, barrierNs);
  const released: HeldLock[] = [];
  const client: LockClient = {
    name: 'scripted',
    capabilities: { maxMasters: 1, canExtend: false },
    acquire,
    release: (lock) => {
      released.push(lock);
      return release(lock);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const recorder = createRecorder(0, slots, false);
  recorder.openWindow(window);
  const operations: Operation[] = [];
  recorder.record = (operation) => operations.push({ ...operation });
  const witness = new Witness(memory, systemClock, String);
  const pacer = scenario.ratePerSecond === undefined ? undefined : constantPacer(window, scenario.ratePerSecond);
  const adapterError = await drive(
    {
      shard,
      window,
      pacer,
      workload: createWorkload(scenario, seededRandom(1)),
      client,
      recorder,
      witness,
      clock: systemClock,
      random: seededRandom(2),
      meter: { spunNs: 0 },
      history,
    },
    barrierNs,
    interrupt ?? new AbortController().signal,
  );
  history?.end();
  const { grantedExpired, inFlight } = recorder.snapshot(systemClock.nowNs());
  const windowEndNs = window.endNs;
  return {
    operations,
    released,
    witnessed: witness.drain(),
    witness,
    grantedExpired,
    inFlight,
    windowEndNs,
    adapterError,
  };
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** What Little's law puts together from the operations: the time that each was under way, within the window. */
function underWayNs(operations: readonly Operation[], endNs: number): number {
  const spans = operations
    .filter(({ status }) => status !== 'dropped')
    .map(
      ({ invokedNs, returnedNs, releasedNs }) => Math.min(endNs, releasedNs ?? returnedNs) - Math.min(endNs, invokedNs),
    );
  return spans.reduce((sum, spanNs) => sum + spanNs, 0);
}

const statusesOf = (operations: readonly Operation[]): Set<string> => new Set(operations.map(({ status }) => status));

describe('drive, with a history', () => {
  it('writes every operation down, with the stay in the witness within the hold', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
    try {
      const file = path.join(folder, 'worker-0.history');
      const { operations } = await driveWith(
        { concurrency: 2 },
        async (request) => {
          await later(1);
          return grant(request);
        },
        undefined,
        undefined,
        file,
      );
      const decoder = new SegmentDecoder();
      decoder.push(await readFile(file));
      const read: Operation[] = [];
      for (let kind = decoder.next(); kind !== 'starved'; kind = decoder.next()) {
        if (kind === 'operation') read.push({ ...decoder.operation });
      }
      expect(read).toEqual(operations);
      expect(decoder.watermarkNs).toBe(Infinity);
      const isOrdered = ({ returnedNs, enteredNs = 0, releaseInvokedNs = 0, leftNs = 0, releasedNs = 0 }: Operation) =>
        returnedNs <= enteredNs && enteredNs <= releaseInvokedNs && releaseInvokedNs <= leftNs && leftNs <= releasedNs;
      expect(read.filter((operation) => !isOrdered(operation))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('reads no stamps of the witness without one', async () => {
    const { operations } = await driveWith({ concurrency: 1 }, async (request) => {
      await later(1);
      return grant(request);
    });
    expect(operations.every(({ enteredNs, leftNs }) => enteredNs === undefined && leftNs === undefined)).toBe(true);
  });
});

describe('drive, closed loop', () => {
  it('counts a lock whose promise had ended when it was handed out, and convicts nobody of it', async () => {
    const { operations, grantedExpired, witnessed } = await driveWith(
      { concurrency: 2, keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 2 } },
      (request) =>
        Promise.resolve({
          status: 'acquired',
          attempts: 1,
          lock: { resources: request.resources, token: 't', validUntilNs: systemClock.nowNs() },
        }),
    );
    expect(grantedExpired).toBe(operations.length);
    expect(witnessed).toMatchObject({ witnessed: operations.length, contractCount: 0 });
    expect(witnessed.overruns).toBeGreaterThan(0);
  });

  it('keeps every client busy until the end, and releases each lock that it got', async () => {
    const { operations, released, witnessed } = await driveWith({ concurrency: 3 }, async (request) => {
      await later(1);
      return grant(request);
    });
    expect(statusesOf(operations)).toEqual(new Set(['acquired']));
    expect(new Set(operations.map(({ slot }) => slot))).toEqual(new Set([0, 1, 2]));
    expect(released).toHaveLength(operations.length);
    expect(witnessed).toMatchObject({ witnessed: operations.length, contractCount: 0, overruns: 0 });
  });

  it('ends on time although the lock never lets the event loop turn', async () => {
    const { operations } = await driveWith({ concurrency: 2 }, (request) => Promise.resolve(grant(request)));
    expect(operations.length).toBeGreaterThan(100);
  });

  it('convicts a lock that grants one key to all', async () => {
    const hold = { kind: 'constant', meanMs: 2 } as const;
    const { witnessed } = await driveWith({ concurrency: 4, keys: { kind: 'single' }, hold }, (request) =>
      Promise.resolve(grant(request)),
    );
    expect(witnessed.contractCount).toBeGreaterThan(0);
  });

  it('takes a promise of invocation + ttl from a lock that states no validity', async () => {
    const input: ScenarioInput = {
      concurrency: 2,
      keys: { kind: 'single' },
      hold: { kind: 'constant', meanMs: 40 },
      ttlMs: 5,
      nodeTimeoutMs: 1,
      allowOverrun: true,
    };
    let acquisitions = 0;
    const { witnessed } = await driveWith(input, async (request) => {
      // The second client arrives when the first one's ttl has long passed and its hold has not.
      if (++acquisitions === 2) await later(15);
      return {
        status: 'acquired',
        attempts: 1,
        lock: { resources: request.resources, token: 't', validUntilNs: undefined },
      };
    });
    expect(witnessed.overruns).toBeGreaterThan(0);
  });

  it('counts those still waiting at the end as unfinished, once each, with their attempts', async () => {
    const { operations } = await driveWith(
      { concurrency: 3 },
      (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve({ status: 'aborted', attempts: 7 });
          });
        }),
    );
    expect(operations.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['unfinished', 7],
      ['unfinished', 7],
      ['unfinished', 7],
    ]);
  });

  it('gives up on a lock that never answers, and still accounts for it', async () => {
    const { operations } = await driveWith({ concurrency: 2 }, () => new Promise(() => undefined));
    expect(operations.map(({ status }) => status)).toEqual(['unfinished', 'unfinished']);
  });

  it('releases at once what is granted after it was given up, and shows it to no witness', async () => {
    const answers: (() => void)[] = [];
    const { operations, released, witness } = await driveWith(
      { concurrency: 2 },
      (request) => new Promise((resolve) => answers.push(() => resolve(grant(request)))),
    );
    for (const answer of answers) answer();
    await later(1);
    expect(released).toHaveLength(2);
    expect(witness.drain().witnessed).toBe(0);
    expect(operations.map(({ status }) => status)).toEqual(['unfinished', 'unfinished']);
  });

  it('keeps an acquisition whose release never answers', async () => {
    const { operations } = await driveWith(
      { concurrency: 2 },
      (request) => Promise.resolve(grant(request)),
      undefined,
      () => new Promise(() => undefined),
    );
    expect(operations.map(({ status, releaseStatus }) => [status, releaseStatus])).toEqual([
      ['acquired', 'indeterminate'],
      ['acquired', 'indeterminate'],
    ]);
  });

  it.each<[string, object]>([
    ['an unknown status', { status: 'locked', attempts: 1 }],
    ['no attempts', { status: 'held' }],
    [
      'a validity that is no number',
      { status: 'acquired', attempts: 1, lock: { resources: [], token: 't', validUntilNs: NaN } },
    ],
  ])('counts an answer with %s once, as indeterminate, and reports it', async (_, outcome) => {
    const { operations, adapterError, witnessed } = await driveWith({ concurrency: 1 }, async () => {
      await later(1);
      return outcome as AcquireOutcome;
    });
    expect(statusesOf(operations)).toEqual(new Set(['indeterminate']));
    expect(adapterError?.message).toMatch(/^outcome\./);
    expect(witnessed.witnessed).toBe(0);
  });

  it('reports a lock that throws and goes on', async () => {
    let calls = 0;
    const { operations, adapterError } = await driveWith({ concurrency: 1 }, async (request) => {
      await later(1);
      if (++calls === 1) throw new Error('broken adapter');
      return grant(request);
    });
    expect(adapterError?.message).toBe('broken adapter');
    expect(operations[0]?.status).toBe('indeterminate');
    expect(operations[1]?.status).toBe('acquired');
  });

  it('ends early when it is interrupted, and cuts holds short', async () => {
    const interrupt = new AbortController();
    setTimeout(() => {
      interrupt.abort();
    }, 20);
    const input: ScenarioInput = {
      concurrency: 1,
      durationMs: 600_000,
      hold: { kind: 'constant', meanMs: 300_000 },
      ttlMs: 600_000,
    };
    const { operations, released } = await driveWith(
      input,
      (request) => Promise.resolve(grant(request)),
      interrupt.signal,
    );
    expect(operations).toHaveLength(1);
    expect(released).toHaveLength(1);
  });
});

describe('the operations under way', () => {
  it.each<[string, ScenarioInput]>([
    ['a closed loop', { concurrency: 3, hold: { kind: 'constant', meanMs: 2 } }],
    ['an open loop that drops', { ratePerSecond: 2_000, inFlight: 4 }],
  ])('add up to what the operations of %s took', async (_, input) => {
    let calls = 0;
    const { operations, inFlight, windowEndNs } = await driveWith(input, async (request) => {
      await later(1);
      return ++calls % 3 === 0 ? { status: 'held', attempts: 1 } : grant(request);
    });
    expect(statusesOf(operations).size).toBeGreaterThan(1);
    expect(inFlight?.areaNs).toBeCloseTo(underWayNs(operations, windowEndNs), -2);
    expect(inFlight?.max).toBe(input.concurrency ?? input.inFlight);
  });

  it('count those that are given up until the end of the window', async () => {
    const { operations, inFlight, windowEndNs } = await driveWith(
      { concurrency: 2 },
      () => new Promise(() => undefined),
    );
    expect(inFlight?.areaNs).toBeCloseTo(underWayNs(operations, windowEndNs), -2);
    expect(inFlight?.max).toBe(2);
  });
});

describe('drive, open loop', () => {
  it('starts every intended operation, each carrying its own intended start although the loop was late', async () => {
    let isFirst = true;
    const { operations } = await driveWith({ ratePerSecond: 1_000, inFlight: 500 }, (request) => {
      if (isFirst) {
        isFirst = false;
        const untilNs = systemClock.nowNs() + msToNs(50);
        while (systemClock.nowNs() < untilNs);
      }
      return Promise.resolve(grant(request));
    });
    expect(operations).toHaveLength(100);
    const offsets = operations.map(({ intendedNs }) => intendedNs - (operations[0]?.intendedNs ?? 0));
    offsets.forEach((offsetNs, index) => {
      expect(nsToMs(offsetNs)).toBeCloseTo(index, 3);
    });
    // The operation that was due 1 ms after the first one waited for the rest of the stall.
    const second = operations[1];
    expect(nsToMs((second?.invokedNs ?? 0) - (second?.intendedNs ?? 0))).toBeGreaterThan(40);
  });

  it('drops and counts the starts beyond the in-flight cap', async () => {
    const { operations } = await driveWith(
      { ratePerSecond: 1_000, inFlight: 2 },
      (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve({ status: 'aborted', attempts: 1 });
          });
        }),
    );
    const count = (status: string): number => operations.filter((operation) => operation.status === status).length;
    expect({ dropped: count('dropped'), unfinished: count('unfinished') }).toEqual({ dropped: 98, unfinished: 2 });
  });

  it('gives up a schedule that it cannot catch up with, and accounts for the rest of it', async () => {
    let isFirst = true;
    const { operations } = await driveWith({ ratePerSecond: 100_000, inFlight: 50, durationMs: 50 }, (request) => {
      if (isFirst) {
        isFirst = false;
        const untilNs = systemClock.nowNs() + msToNs(400);
        while (systemClock.nowNs() < untilNs);
      }
      return Promise.resolve(grant(request));
    });
    expect(operations).toHaveLength(5_000);
  });

  it('never begins before the intended start', async () => {
    const { operations } = await driveWith({ ratePerSecond: 300 }, (request) => Promise.resolve(grant(request)));
    expect(operations.filter(({ invokedNs, intendedNs }) => invokedNs < intendedNs)).toEqual([]);
  });
});
