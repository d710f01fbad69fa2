/**
 * What many experiments have in common: a lock is taken by just a majority, and a second client tries to get in.
 *
 * @module
 */
import type { Expectation } from '../check/experiment-verdict.js';
import type { Finding } from '../model/chaos.js';
import { range, type Hold, type Stage, type Terms } from './experiment.js';

/** The part of the ttl during which the second client tries: well within the promise of the first. */
const TRYING_SHARE = 0.75;

/** The only master that two majorities share, when the first one takes the first Q masters, and the second one the last Q. */
function sharedMaster({ quorum }: Terms): number {
  return quorum;
}

/**
 * Client 1 takes the lock from the first Q masters and no more, client 2 can reach the last Q and no others. So whether
 * both get it depends on the one master that they share, and on what is done to it.
 */
export async function loseKey(stage: Stage, lose: (master: number) => Promise<unknown>): Promise<void> {
  const { quorum, masters } = stage.terms;
  await stage.reachOnly(1, range(1, quorum));
  await stage.reachOnly(2, range(masters - quorum + 1, masters));
  const first = await stage.mustTake(1);
  await first.read();
  await lose(sharedMaster(stage.terms));
  await intrude(stage, first);
}

/** Client 2 tries to get in while the promise of client 1 lasts; then client 1 finishes its work, in time. */
export async function intrude(stage: Stage, first: Hold): Promise<void> {
  const second = await stage.take(2, stage.ttlMs * TRYING_SHARE);
  await second?.read();
  await second?.write();
  await first.write();
  await first.release();
  await second?.release();
}

const of = (reason: string, ...findings: Finding[]): Expectation => ({ findings, allowed: [], reason });

/** The lock keeps its promise. */
export function holds(reason: string): Expectation {
  return of(reason);
}

/** The lock was lost within its promise: only a fence keeps the damage from the resource. */
export function breaks({ variant }: Terms, reason: string): Expectation {
  return variant === 'fenced' ? of(reason, 'contract', 'rejected') : of(reason, 'contract', 'corruption');
}

/** The holder outlived its promise, which every lease allows: only a fence keeps the damage from the resource. */
export function outlives({ variant, traits }: Terms, reason: string): Expectation {
  if (traits.renews) return of(`${reason}; and this lock promises until its release`, 'contract', 'corruption');
  return variant === 'fenced' ? of(reason, 'belief', 'rejected') : of(reason, 'belief', 'corruption');
}

/** Nobody can acquire for a while, and nothing worse. */
export function stops(reason: string): Expectation {
  return of(reason, 'liveness');
}

/** The lock keeps its promise, and may not be to be had for a while. */
export function holdsAtLeast(reason: string): Expectation {
  return { findings: [], allowed: ['liveness'], reason };
}
