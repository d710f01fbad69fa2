import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { allocateWitness, closeCells, findHolds, Witness } from './witness.js';

const KEY = 0;
const name = (slot: number): string => `0.${String(slot)}`;

function twoSlots(nowNs = 1_000): { witness: Witness; clock: { nowNs: () => number; set: (ns: number) => void } } {
  let now = nowNs;
  const clock = {
    nowNs: () => now,
    set: (ns: number) => {
      now = ns;
    },
  };
  return { witness: new Witness(allocateWitness(1, 2), clock, name), clock };
}

describe('Witness', () => {
  it('sees nothing wrong with holds that follow each other, however close', () => {
    const { witness } = twoSlots();
    for (let i = 0; i < 100; i++) witness.leave(KEY, witness.enter(KEY, i % 2, 5_000), 1_000);
    expect(witness.drain()).toEqual({ witnessed: 100, contractCount: 0, overruns: 0, contract: [] });
  });

  it('calls an overlap within the first holder’s validity a broken contract', () => {
    const { witness, clock } = twoSlots();
    witness.startAt(400);
    witness.enter(KEY, 0, 5_000);
    clock.set(1_500);
    witness.enter(KEY, 1, 9_000);
    expect(witness.drain()).toMatchObject({
      contractCount: 1,
      overruns: 0,
      contract: [{ keyIndex: KEY, holder: '0.0', intruder: '0.1', atNs: 1_100, promiseLeftNs: 3_500 }],
    });
  });

  it('calls an overlap at or after the end of the validity an overrun', () => {
    const { witness, clock } = twoSlots();
    witness.enter(KEY, 0, 5_000);
    clock.set(5_000);
    witness.enter(KEY, 1, 9_000);
    expect(witness.drain()).toMatchObject({ contractCount: 0, overruns: 1 });
  });

  it('does not blame the lock for a holder that comes in after its own lease has ended', () => {
    const { witness, clock } = twoSlots();
    witness.enter(KEY, 0, 5_000);
    clock.set(3_000);
    witness.enter(KEY, 1, 2_500);
    expect(witness.drain()).toMatchObject({ contractCount: 0, overruns: 1 });
  });

  it('does not let a late leaver push out the one who came after', () => {
    const { witness, clock } = twoSlots();
    const first = witness.enter(KEY, 0, 2_000);
    clock.set(3_000);
    witness.enter(KEY, 1, 9_000);
    witness.leave(KEY, first, 3_000);
    clock.set(4_000);
    witness.enter(KEY, 0, 9_000);
    expect(witness.drain()).toMatchObject({ overruns: 1, contractCount: 1 });
  });

  it('reads the promise of the hold that it found, although the slot has held other keys since', () => {
    const clock = { nowNs: () => 1_000 };
    const witness = new Witness(allocateWitness(2, 2), clock, name);
    witness.enter(0, 0, 500);
    for (let i = 0; i < 6; i++) witness.leave(1, witness.enter(1, 0, 9_000), 1_000);
    witness.enter(0, 1, 9_000);
    expect(witness.drain()).toMatchObject({ contractCount: 0, overruns: 1 });
  });

  it('remembers when the last holder of a key began to release', () => {
    const { witness } = twoSlots();
    expect(witness.lastReleaseNs(KEY)).toBe(0);
    witness.leave(KEY, witness.enter(KEY, 0, 5_000), 1_234);
    witness.enter(KEY, 1, 5_000);
    expect(witness.lastReleaseNs(KEY)).toBe(1_234);
  });

  it('counts overlaps beyond the first hundred without listing them', () => {
    const { witness } = twoSlots();
    for (let i = 0; i < 150; i++) witness.enter(KEY, i % 2, 5_000);
    const { contract, contractCount } = witness.drain();
    expect([contract.length, contractCount]).toEqual([100, 149]);
  });

  it('sees an overlap with a holder in another thread', async () => {
    const memory = allocateWitness(1, 2);
    // The other thread enters as slot 1 the way `enter` does, and stays.
    const code = `
      const { workerData: { owners, promisesNs } } = require('node:worker_threads');
      new Float64Array(promisesNs)[8] = 5000;
      Atomics.exchange(new Int32Array(owners), 0, 9);`;
    const thread = new Worker(code, { eval: true, workerData: memory });
    await new Promise((resolve) => thread.on('exit', resolve));
    const witness = new Witness(memory, { nowNs: () => 1_000 }, name);
    witness.enter(KEY, 0, 9_000);
    expect(witness.drain()).toMatchObject({ contractCount: 1, contract: [{ holder: '0.1', intruder: '0.0' }] });
  });
});

describe('findHolds', () => {
  it('tells the keys in which given slots stand, and one hold of a slot from its next', () => {
    const memory = allocateWitness(3, 4);
    const witness = new Witness(memory, { nowNs: () => 1_000 }, name);
    witness.enter(0, 0, 5_000);
    const first = witness.enter(2, 3, 5_000);
    expect(findHolds(memory, 2, 2)).toEqual([{ keyIndex: 2, mark: first }]);
    witness.leave(2, first, 2_000);
    expect(findHolds(memory, 2, 2)).toEqual([]);
    const second = witness.enter(2, 3, 5_000);
    expect(findHolds(memory, 2, 2)).toEqual([{ keyIndex: 2, mark: second }]);
    expect(second).not.toBe(first);
  });
});

describe('closeCells', () => {
  it('takes out the holders of dead slots and leaves those of the living', () => {
    const memory = allocateWitness(3, 4);
    const witness = new Witness(memory, { nowNs: () => 1_000 }, name);
    witness.enter(0, 0, 5_000);
    witness.enter(1, 2, 5_000);
    expect(closeCells(memory, 2, 2)).toEqual([1]);
    witness.enter(1, 1, 5_000);
    expect(witness.drain().contractCount).toBe(0);
    witness.enter(0, 1, 5_000);
    expect(witness.drain().contractCount).toBe(1);
  });
});
