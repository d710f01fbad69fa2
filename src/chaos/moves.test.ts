import { describe, expect, it } from 'vitest';
import { msToNs, systemClock } from '../model/time.js';
import type { Hold, LockTraits, Stage, Terms } from './experiment.js';
import { breaks, intrude, loseKey, outlives, refusesLate } from './moves.js';

const ORDINARY: LockTraits = {
  checksElapsed: true,
  isOnWallClock: false,
  releasesEverywhere: true,
  waitsForAll: false,
  hangsOnTies: false,
  promisesTooLong: false,
  renews: false,
  isEternal: false,
};
const terms = (change: Partial<Terms> = {}): Terms => ({
  variant: 'redlock',
  masters: 3,
  quorum: 2,
  traits: ORDINARY,
  canExtend: true,
  ...change,
});

/** A stage on which client 2 gets the lock or does not, and what is noted on it. */
class ScriptedStage implements Partial<Stage> {
  readonly terms: Terms;
  readonly ttlMs = 1_000;
  readonly notes: string[] = [];
  readonly steps: string[] = [];
  isSecondGranted = false;
  timesRefused = 1;
  hasKeyNow: boolean | undefined = false;
  validForMs = 900;

  constructor(change: Partial<Terms> = {}) {
    this.terms = terms(change);
  }

  mustTake(): Promise<Hold> {
    return Promise.resolve(this.#hold('c1'));
  }

  take(_client: number, withinMs?: number): Promise<Hold | undefined> {
    this.steps.push(`c2 tries for ${String(Math.round((withinMs ?? 0) / 100) * 100)} ms`);
    return Promise.resolve(this.isSecondGranted ? this.#hold('c2') : undefined);
  }

  refusals(): number {
    return this.timesRefused;
  }

  hasKey(): Promise<boolean | undefined> {
    return Promise.resolve(this.hasKeyNow);
  }

  occupy(masters: readonly number[]): Promise<void> {
    this.steps.push(`occupied ${masters.join()}`);
    return Promise.resolve();
  }

  vacate(masters: readonly number[]): Promise<void> {
    this.steps.push(`vacated ${masters.join()}`);
    return Promise.resolve();
  }

  untilPromiseEnds(): Promise<void> {
    this.steps.push('the promise ends');
    return Promise.resolve();
  }

  doubt(reason: string): void {
    this.notes.push(reason);
  }

  stuck(reason: string): void {
    this.notes.push(`stuck: ${reason}`);
  }

  #hold(name: string): Hold {
    const step = <T>(what: string, value: T): Promise<T> => {
      this.steps.push(`${name} ${what}`);
      return Promise.resolve(value);
    };
    const nowNs = systemClock.nowNs();
    return {
      granted: { invokedNs: nowNs, validUntilNs: nowNs + msToNs(this.validForMs) },
      read: () => step('reads', 'ok'),
      write: () => step('writes', 'ok'),
      release: () => step('releases', undefined),
    } as unknown as Hold;
  }

  get asStage(): Stage {
    return this as unknown as Stage;
  }
}

const nothing = (): Promise<void> => Promise.resolve();

describe('the loss of the one key that two majorities share', () => {
  it('is tried on a lock without a vote to spare; client 2 tries within its promise, and client 1 writes last', async () => {
    const stage = new ScriptedStage();
    stage.isSecondGranted = true;
    await loseKey(stage.asStage, nothing, true);
    expect(stage.steps).toEqual([
      'occupied 3',
      'vacated 3',
      'c1 reads',
      'c2 tries for 700 ms',
      'c2 reads',
      'c2 writes',
      'c1 writes',
      'c1 releases',
      'c2 releases',
    ]);
    expect(stage.notes).toEqual([]);
  });

  it('is doubted when the master still has the key, or has lost one that it should have kept', async () => {
    const kept = new ScriptedStage();
    kept.hasKeyNow = true;
    await loseKey(kept.asStage, nothing, true);
    expect(kept.notes).toEqual(['master 2 was expected to have lost the key, and had not']);
    const lost = new ScriptedStage();
    await loseKey(lost.asStage, nothing, false);
    expect(lost.notes).toEqual(['master 2 was expected to have kept the key, and had not']);
  });

  it('goes on, where the restart is delayed, until client 2 has the lock again', async () => {
    const stage = new ScriptedStage({ variant: 'delayed-restart' });
    await loseKey(stage.asStage, nothing, true);
    expect(stage.steps.slice(3)).toEqual(['c2 tries for 11000 ms', 'the promise ends', 'c1 writes', 'c1 releases']);
    expect(stage.notes).toEqual(['stuck: the lock was not to be had after the master had come back']);
  });
});

describe('a second client that does not get in', () => {
  it('proves something only if it was told that others hold the lock, or gets it once they do not', async () => {
    const stage = new ScriptedStage();
    stage.timesRefused = 0;
    await intrude(stage.asStage, await stage.mustTake());
    expect(stage.steps.slice(-2)).toEqual(['c1 releases', 'c2 tries for 11000 ms']);
    expect(stage.notes).toEqual([
      'the second client was never refused, and never granted the free lock either: it may not have tried',
    ]);
  });

  it('proves nothing if it could not try in time', async () => {
    const stage = new ScriptedStage();
    stage.validForMs = 250;
    await intrude(stage.asStage, await stage.mustTake());
    expect(stage.notes).toEqual(['what was done took so long that the second client could not try in time']);
  });
});

describe('what is expected', () => {
  it('of a lost key is a broken promise, and a corrupted resource unless that has fences', () => {
    expect(breaks(terms(), 'r').findings).toEqual(['contract', 'corruption']);
    expect(breaks(terms({ variant: 'fenced' }), 'r').findings).toEqual(['contract', 'rejected']);
  });

  it('of a holder that outlives its promise is a belief, and a broken promise where that lasts until the release', () => {
    expect(outlives(terms(), 'r').findings).toEqual(['belief', 'corruption']);
    expect(outlives(terms({ variant: 'fenced' }), 'r').findings).toEqual(['belief', 'rejected']);
    expect(outlives(terms({ traits: { ...ORDINARY, renews: true } }), 'r').findings).toEqual([
      'contract',
      'corruption',
    ]);
  });

  it('of late votes is nothing where the lock looks at its clock', () => {
    expect(refusesLate(terms())).toMatchObject({ findings: [], allowed: [] });
    const late = { ...ORDINARY, checksElapsed: false };
    expect(refusesLate(terms({ traits: late })).findings).toEqual(['granted-expired']);
    expect(refusesLate(terms({ traits: { ...late, renews: true } })).findings).toEqual(['contract']);
  });
});
