import { describe, expect, it } from 'vitest';
import { addDoubt, addHistory, judgeSafety, overlapsOf } from './safety.js';

const quiet = {
  witnessed: 10,
  contract: [],
  contractCount: 0,
  overruns: 0,
  leakedKeys: 0,
  keysWithoutTtl: 0,
  deadWorkers: 0,
  grantedExpired: 0,
  unchecked: 0,
  history: undefined,
};

describe('judgeSafety', () => {
  it('says that none was observed, and in how many holds', () => {
    expect(judgeSafety(quiet)).toMatchObject({ verdict: 'none-observed', witnessed: 10, leakedKeys: 0 });
  });

  it('does not fail a lock for holders that outlived their lease', () => {
    expect(judgeSafety({ ...quiet, overruns: 3 })).toMatchObject({ verdict: 'none-observed', overruns: 3 });
  });

  it.each([
    ['nothing was held', { witnessed: 0 }],
    ['a worker died', { deadWorkers: 1 }],
    ['locks promised nothing when they were granted', { grantedExpired: 1 }],
    ['holds could not be compared', { unchecked: 1 }],
  ])('does not know when %s', (_, change) => {
    const safety = judgeSafety({ ...quiet, ...change });
    expect(safety.verdict).toBe('unknown');
    expect(safety.reasons).toHaveLength(1);
  });

  it('calls one broken promise a violation, whatever else is missing', () => {
    expect(judgeSafety({ ...quiet, contractCount: 1, deadWorkers: 1 }).verdict).toBe('violation');
  });

  it('says null where nobody could be asked for leaked keys', () => {
    const unasked = { ...quiet, leakedKeys: undefined, keysWithoutTtl: undefined };
    expect(judgeSafety(unasked)).toMatchObject({ leakedKeys: null, keysWithoutTtl: null });
  });
});

const findings = {
  operations: 12,
  holds: 10,
  contractCount: 0,
  overruns: 0,
  grantedExpired: 0,
  unchecked: 0,
  agreesWithWitness: true,
};

describe('overlapsOf', () => {
  it('gives what the witness or the history found, whichever is more, and does not add the same ones up', () => {
    const witnessed = judgeSafety({ ...quiet, contractCount: 2 });
    expect(overlapsOf(witnessed)).toBe(2);
    expect(overlapsOf(addHistory(witnessed, { ...findings, contractCount: 3 }, []))).toBe(3);
    expect(overlapsOf(addHistory(judgeSafety(quiet), { ...findings, contractCount: 1 }, []))).toBe(1);
    expect(overlapsOf(addHistory(witnessed, findings, []))).toBe(2);
  });
});

describe('addHistory', () => {
  it('changes nothing when the history bears the witness out', () => {
    const safety = judgeSafety({ ...quiet, history: findings });
    expect(safety).toEqual({ ...judgeSafety(quiet), history: findings });
  });

  it('convicts a lock by its history alone', () => {
    expect(judgeSafety({ ...quiet, history: { ...findings, contractCount: 1 } })).toMatchObject({
      verdict: 'violation',
      contractCount: 0,
    });
  });

  it.each([
    ['the two disagree', { agreesWithWitness: false }],
    ['part of the history is missing', { unchecked: 2 }],
  ])('does not know when %s', (_, change) => {
    const safety = judgeSafety({ ...quiet, history: { ...findings, ...change } });
    expect(safety.verdict).toBe('unknown');
    expect(safety.reasons).toHaveLength(1);
    expect(judgeSafety({ ...quiet, contractCount: 1, history: { ...findings, ...change } }).verdict).toBe('violation');
  });

  it('puts later findings in the place of earlier ones, and keeps the other doubts', () => {
    const doubted = judgeSafety({ ...quiet, deadWorkers: 1, history: { ...findings, unchecked: 2 } });
    expect(doubted.reasons).toHaveLength(2);
    expect(addHistory(doubted, findings, [])).toEqual(judgeSafety({ ...quiet, deadWorkers: 1, history: findings }));
  });

  it('does not doubt a history that there was no witness to compare with', () => {
    expect(judgeSafety({ ...quiet, history: { ...findings, agreesWithWitness: null } })).toMatchObject({
      verdict: 'none-observed',
      reasons: [],
    });
  });

  it('lists the overlaps of the history where the witness has none to show, live and again', () => {
    const [seen, recorded] = [5, 6].map((atNs) => ({
      keyIndex: 0,
      holder: '0.0',
      intruder: '1.0',
      atNs,
      promiseLeftNs: 1,
    }));
    const convicted = { ...findings, contractCount: 1 };
    const live = judgeSafety({ ...quiet, history: convicted, historyOverlaps: [recorded!] });
    expect(live).toMatchObject({ verdict: 'violation', contract: [recorded] });
    expect(addHistory(judgeSafety(quiet), convicted, [recorded!])).toEqual(live);
    // Found before, and no longer: the list goes with the verdict.
    expect(addHistory(live, findings, [])).toMatchObject({ verdict: 'none-observed', contract: [] });
    const witnessed = judgeSafety({ ...quiet, contractCount: 1, contract: [seen!] });
    expect(addHistory(witnessed, convicted, [recorded!]).contract).toEqual([seen]);
  });
});

describe('addDoubt', () => {
  it('leaves at most unknown, but clears nobody of a violation', () => {
    expect(addDoubt(judgeSafety(quiet), 'its end is missing')).toMatchObject({
      verdict: 'unknown',
      reasons: ['its end is missing'],
    });
    expect(addDoubt(judgeSafety({ ...quiet, contractCount: 1 }), 'its end is missing').verdict).toBe('violation');
  });
});
