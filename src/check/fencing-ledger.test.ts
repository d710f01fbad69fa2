import { describe, expect, it } from 'vitest';
import { FencingLedger, type LedgerHold, type LedgerRule } from './fencing-ledger.js';

const FENCE_33 = '0000000000000033:aa';
const FENCE_34 = '0000000000000034:bb';

/** Two holders of key 0 whose holds overlap; the second has the higher fence. */
function overlapping(rule: LedgerRule, fences: (string | undefined)[] = [FENCE_33, FENCE_34]): FencingLedger {
  const ledger = new FencingLedger(rule);
  ledger.introduce(hold('c1.1', fences[0], 0, 10));
  ledger.introduce(hold('c2.1', fences[1], 20, 30));
  return ledger;
}

function hold(name: string, fence: string | undefined, invokedNs: number, returnedNs: number): LedgerHold {
  return { hold: name, keyIndex: 0, fence, invokedNs, returnedNs };
}

/** A read-modify-write without anything in between; tells whether the guarded object refused the write. */
function update(ledger: FencingLedger, name: string, id: string): boolean {
  const { plain, fenced } = ledger.read(name);
  return ledger.write({ hold: name, update: id, plain, fenced }).isRefused;
}

describe('the fencing ledger', () => {
  it('loses nothing when holders update one after the other', () => {
    const ledger = overlapping('first-touch');
    expect([update(ledger, 'c1.1', 'u1'), update(ledger, 'c2.1', 'u2')]).toEqual([false, false]);
    expect(ledger.report()).toEqual({ touches: 4, lostUpdates: 0, fencedLostUpdates: 0, rejected: 0, anomalies: [] });
  });

  it('counts the update of the plain object that a later write destroyed, and refuses it on the fenced one', () => {
    const ledger = overlapping('first-touch');
    const first = ledger.read('c1.1');
    const second = ledger.read('c2.1');
    expect(ledger.write({ hold: 'c1.1', update: 'u1', ...first })).toEqual({ isRefused: true });
    expect(ledger.write({ hold: 'c2.1', update: 'u2', ...second })).toEqual({ isRefused: false });
    expect(ledger.report()).toEqual({ touches: 4, lostUpdates: 1, fencedLostUpdates: 0, rejected: 1, anomalies: [] });
  });

  it('loses an update with fences that register on writes only, although it refuses none', () => {
    const ledger = overlapping('writes-only');
    const first = ledger.read('c1.1');
    const second = ledger.read('c2.1');
    expect(ledger.write({ hold: 'c1.1', update: 'u1', ...first })).toEqual({ isRefused: false });
    expect(ledger.write({ hold: 'c2.1', update: 'u2', ...second })).toEqual({ isRefused: false });
    expect(ledger.report()).toEqual({
      touches: 4,
      lostUpdates: 1,
      fencedLostUpdates: 1,
      rejected: 0,
      anomalies: [
        `key 0: fence ${FENCE_33} of c1.1 was accepted after the higher ${FENCE_34}`,
        `key 0: fence ${FENCE_33} of c1.1 came back after operations of ${FENCE_34}`,
        `key 0: fence ${FENCE_34} of c2.1 came back after operations of ${FENCE_33}`,
      ],
    });
  });

  it('refuses the read of an old holder, too, and then has nothing of it to write', () => {
    const ledger = overlapping('first-touch');
    update(ledger, 'c2.1', 'u2');
    const late = ledger.read('c1.1');
    expect(late).toEqual({ plain: 1, fenced: undefined, isRefused: true });
    expect(ledger.write({ hold: 'c1.1', update: 'u1', ...late })).toEqual({ isRefused: false });
    expect(ledger.report()).toMatchObject({ lostUpdates: 0, fencedLostUpdates: 0, rejected: 1 });
  });

  it('counts every update that one late write destroyed', () => {
    const ledger = overlapping('first-touch', [undefined, undefined]);
    const late = ledger.read('c1.1');
    for (const id of ['u1', 'u2', 'u3']) update(ledger, 'c2.1', id);
    ledger.write({ hold: 'c1.1', update: 'late', ...late });
    update(ledger, 'c2.1', 'u4');
    expect(ledger.report()).toEqual({
      touches: 10,
      lostUpdates: 3,
      fencedLostUpdates: null,
      rejected: null,
      anomalies: [],
    });
  });

  it('keeps the objects of different keys apart', () => {
    const ledger = new FencingLedger('first-touch');
    ledger.introduce(hold('c1.1', FENCE_34, 0, 10));
    ledger.introduce({ ...hold('c2.1', FENCE_33, 20, 30), keyIndex: 1 });
    const first = ledger.read('c1.1');
    update(ledger, 'c2.1', 'u2');
    ledger.write({ hold: 'c1.1', update: 'u1', ...first });
    expect(ledger.report()).toEqual({ touches: 4, lostUpdates: 0, fencedLostUpdates: 0, rejected: 0, anomalies: [] });
  });

  it('tells that two holds have one fence', () => {
    const ledger = overlapping('first-touch', [FENCE_33, FENCE_33]);
    expect(ledger.report().anomalies).toEqual([`key 0: c1.1 and c2.1 have the same fence ${FENCE_33}`]);
  });

  it('tells that a later hold has a lower fence, even if it never touched the resource', () => {
    const ledger = overlapping('first-touch', [FENCE_34, FENCE_33]);
    expect(ledger.report().anomalies).toEqual([
      `key 0: c2.1 has fence ${FENCE_33}, lower than ${FENCE_34} of c1.1, which was granted before it was asked for`,
    ]);
  });

  it('does not ask for an order of fences from holds that were acquired at once', () => {
    const ledger = new FencingLedger('first-touch');
    ledger.introduce(hold('c1.1', FENCE_34, 0, 10));
    ledger.introduce(hold('c2.1', FENCE_33, 10, 20));
    expect(ledger.report().anomalies).toEqual([]);
  });

  it('compares fences as texts', () => {
    const ledger = overlapping('first-touch', ['9', '10']);
    update(ledger, 'c1.1', 'u1');
    expect(ledger.read('c2.1').isRefused).toBe(true);
  });

  it('refuses what cannot have happened', () => {
    const ledger = overlapping('first-touch');
    const write = { hold: 'c1.1', update: 'u1', plain: 0, fenced: undefined };
    expect(() => ledger.introduce(hold('c1.1', FENCE_33, 0, 10))).toThrow('expected a new one, got c1.1 again');
    expect(() => ledger.read('c9.1')).toThrow('expected one that was introduced, got c9.1');
    expect(() => ledger.write({ ...write, plain: 1 })).toThrow('version: expected one up to 0, got 1');
    expect(() => ledger.write({ ...write, fenced: 7 })).toThrow('version: expected one up to 0, got 7');
    ledger.write(write);
    expect(() => ledger.write(write)).toThrow('update: expected a new one, got u1 again');
  });

  it('lists a hundred anomalies at most', () => {
    const ledger = new FencingLedger('first-touch');
    for (let index = 0; index < 300; index++) {
      ledger.introduce(hold(`c1.${String(index)}`, FENCE_33, index * 2, index * 2 + 1));
    }
    expect(ledger.report().anomalies).toHaveLength(100);
  });
});
