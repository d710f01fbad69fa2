import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Shard } from '../load/shard.js';
import { allocateWitness, Witness } from '../load/witness.js';
import { completeScenario, type WorkerDeath } from '../model/scenario.js';
import { msToNs, sToNs, systemClock } from '../model/time.js';
import { Fleet } from './fleet.js';
import { PlannedDeaths } from './planned-deaths.js';
import type { ShardRunner } from './protocol.js';

const KEYS = 4;
const SLOTS = 2;
const armed: PlannedDeaths[] = [];

afterEach(() => {
  for (const deaths of armed.splice(0)) deaths.cancel();
});

function shardsOf(workers: number): Shard[] {
  const witness = allocateWitness(KEYS, workers * SLOTS);
  const scenario = completeScenario({ workers }, 1);
  return Array.from({ length: workers }, (_, worker) => ({
    worker,
    runId: 'run',
    scenario,
    masters: [],
    firstSlot: worker * SLOTS,
    slots: SLOTS,
    witness,
  }));
}

/** Arms deaths for a window with its middle and its end so far from now; tells what came of them, in order. */
function arm(deaths: readonly WorkerDeath[], shards: readonly Shard[], middleMs: number, endMs: number): string[] {
  const heard: string[] = [];
  const nowNs = systemClock.nowNs();
  const window = { startNs: nowNs + msToNs(2 * middleMs - endMs), endNs: nowNs + msToNs(endMs) };
  armed.push(
    new PlannedDeaths(deaths, shards, window, {
      kill: (worker) => heard.push(`kill ${String(worker)}`),
      spared: (worker) => heard.push(`spare ${String(worker)}`),
    }),
  );
  return heard;
}

function witnessOf(shards: readonly Shard[]): Witness {
  return new Witness(shards[0]!.witness, systemClock, String);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(1);
}

describe('planned deaths', () => {
  it('come in the middle of the window for whoever is to die acquiring, whatever it holds', async () => {
    const beganNs = systemClock.nowNs();
    const heard = arm([{ worker: 2, while: 'acquiring' }], shardsOf(2), 50, 20_000);
    await until(() => heard.length > 0);
    expect(heard).toEqual(['kill 1']);
    // A timer knows whole milliseconds.
    expect(systemClock.nowNs() - beganNs).toBeGreaterThanOrEqual(msToNs(49));
  });

  it('wait for a hold of their worker, and not for those of others', async () => {
    const shards = shardsOf(2);
    const witness = witnessOf(shards);
    const heard = arm([{ worker: 1, while: 'holding' }], shards, 0, 20_000);
    witness.enter(0, SLOTS, Infinity);
    await sleep(30);
    expect(heard).toEqual([]);
    witness.enter(1, 1, Infinity);
    await until(() => heard.length > 0);
    expect(heard).toEqual(['kill 0']);
  });

  it('spare a worker that holds nothing until the end', async () => {
    const heard = arm([{ worker: 1, while: 'holding' }], shardsOf(2), 10, 40);
    await until(() => heard.length > 0);
    expect(heard).toEqual(['spare 0']);
  });

  it('take a worker in an old hold when it begins no other', async () => {
    const shards = shardsOf(1);
    witnessOf(shards).enter(0, 0, Infinity);
    const beganNs = systemClock.nowNs();
    const heard = arm([{ worker: 1, while: 'holding' }], shards, 0, 20_000);
    await until(() => heard.length > 0);
    expect(heard).toEqual(['kill 0']);
    expect(systemClock.nowNs() - beganNs).toBeGreaterThanOrEqual(sToNs(1));
  });

  it('never come once they were cancelled', async () => {
    const shards = shardsOf(2);
    const deaths = [
      { worker: 1, while: 'acquiring' },
      { worker: 2, while: 'holding' },
    ] as const;
    const heard = arm(deaths, shards, 10, 40);
    armed[0]?.cancel();
    await sleep(60);
    expect(heard).toEqual([]);
  });
});

describe('a fleet', () => {
  it('tells a worker that it killed from one that died by itself', async () => {
    const runner: ShardRunner = {
      run: async function* (shard, barrier, _, kill) {
        yield { kind: 'ready' };
        await barrier;
        if (shard.worker === 0) throw new Error('a crash of its own');
        await new Promise((_resolve, reject) => {
          kill.addEventListener('abort', () => {
            reject(new Error('terminated'));
          });
        });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const heard: string[] = [];
    const fleet = new Fleet(
      runner,
      shardsOf(2),
      {
        recorded: () => undefined,
        ended: ({ worker }, error) => heard.push(`${String(worker)} ended: ${String(error?.message)}`),
        killed: ({ worker }) => heard.push(`${String(worker)} killed`),
      },
      new AbortController().signal,
    );
    await fleet.ready();
    fleet.start(0);
    await until(() => heard.length > 0);
    fleet.kill(1);
    expect(await fleet.results()).toEqual([]);
    expect(heard).toEqual(['0 ended: a crash of its own', '1 killed']);
  });
});
