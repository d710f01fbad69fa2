/**
 * What many experiments have in common: a lock is taken by just a majority, and a second client tries to get in.
 *
 * @module
 */
import type { Expectation } from '../check/experiment-verdict.js';
import type { Finding } from '../model/chaos.js';
import { msToNs, nsToMs, systemClock, type Ns } from '../model/time.js';
import type { AcquireReport } from './contender-protocol.js';
import { range, type Hold, type Stage, type Terms } from './experiment.js';

/** So much of the ttl is left of the promise when the second client gives up: it is not let in by its end. */
const LEFT_SHARE = 0.2;
/** A second client that can try for less than this has not tried. */
const LEAST_TRYING_MS = 100;
/** From the end of a ttl until a lock must be to be had again. */
const GRACE_MS = 10_000;
/** Of the ttl: within it the second client must have come in after the first. */
const SUCCEEDING_TTLS = 4;
/** Of a second client that still holds when the answers to the first one come. */
const LONG_TTL_MS = 8_000;

/**
 * Client 1 takes the lock from the first Q masters and no more, since the others have the key of a stranger; then the
 * stranger is gone. Client 2 is refused by the first Q − 1. So whether both get it depends on the one master that two
 * majorities share (N is odd), and on what is done to it.
 *
 * @param lose does it; `forgets` says whether the master must have forgotten the key then, or must not
 */
export async function loseKey(
  stage: Stage,
  lose: (master: number) => Promise<unknown>,
  forgets: boolean,
): Promise<void> {
  const { quorum, variant } = stage.terms;
  const first = await takeBarely(stage);
  await first.read();
  await lose(quorum);
  if (variant === 'delayed-restart') {
    await outwait(stage, first);
    return;
  }
  const has = await stage.hasKey(quorum, first);
  if (has !== undefined && has === forgets) {
    stage.doubt(
      `master ${String(quorum)} was expected ${forgets ? 'to have lost the key' : 'to have kept the key'}, and had not`,
    );
  }
  await intrude(stage, first);
}

/** Client 1 takes the lock with not a vote to spare. */
export async function takeBarely(stage: Stage): Promise<Hold> {
  const { quorum, masters } = stage.terms;
  const others = range(quorum + 1, masters);
  await stage.occupy(others);
  const first = await stage.mustTake(1);
  await stage.vacate(others);
  return first;
}

/** Client 2 tries to get in while the promise of client 1 lasts; then client 1 finishes its work, in time. */
export async function intrude(stage: Stage, first: Hold): Promise<void> {
  const beganNs = systemClock.nowNs();
  const tryingMs = nsToMs(promiseEndNs(stage, first) - beganNs) - LEFT_SHARE * stage.ttlMs;
  if (tryingMs < LEAST_TRYING_MS)
    stage.doubt('what was done took so long that the second client could not try in time');
  const second = await stage.take(2, tryingMs);
  await second?.read();
  await second?.write();
  await first.write();
  await first.release();
  await second?.release();
  if (second === undefined && stage.refusals(2, beganNs) === 0) await proveTried(stage);
}

/** Some locks are given up before they say that others hold them. Who gets the free lock was able to try for the held one. */
async function proveTried(stage: Stage): Promise<void> {
  const hold = await stage.take(2, stage.ttlMs + GRACE_MS);
  if (hold === undefined) {
    stage.doubt('the second client was never refused, and never granted the free lock either: it may not have tried');
  }
  await hold?.release();
}

/** Client 1 holds to the end of its promise, and client 2 tries until the master is back and the lock can be had. */
async function outwait(stage: Stage, first: Hold): Promise<void> {
  const trying = stage.take(2, stage.ttlMs + GRACE_MS);
  await stage.untilPromiseEnds(first);
  await first.write();
  await first.release();
  const second = await trying;
  if (second === undefined) stage.stuck('the lock was not to be had after the master had come back');
  await second?.read();
  await second?.write();
  await second?.release();
}

/** Client 2 gets the key when the ttl of client 1 is over; without that the experiment is nothing. */
export async function succeed(stage: Stage, ttlMs = stage.ttlMs): Promise<Hold | undefined> {
  const second = await stage.take(2, SUCCEEDING_TTLS * stage.ttlMs, ttlMs);
  if (second === undefined) stage.doubt('the second client was not granted the lock after the ttl of the first');
  await second?.read();
  return second;
}

/**
 * The answers come to client 1 when its ttl is over, and client 2 holds the lock.
 *
 * @param letAnswer resolves when nothing keeps the answers from it any more
 */
export async function answerLate(
  stage: Stage,
  asking: Promise<AcquireReport>,
  letAnswer: () => Promise<unknown>,
): Promise<void> {
  const second = await succeed(stage, LONG_TTL_MS);
  await letAnswer();
  const first = stage.hold(1, await asking);
  await first?.read();
  await second?.write();
  await first?.write();
  await first?.release();
  await second?.release();
}

/** After the fault and a ttl are over the lock must be to be had again. */
export async function recover(stage: Stage, client: number): Promise<void> {
  const beganNs = systemClock.nowNs();
  const hold = await stage.take(client, stage.ttlMs + GRACE_MS);
  if (hold !== undefined) stage.recovered(nsToMs(hold.granted.returnedNs - beganNs));
  else stage.stuck(`client ${String(client)} was not granted the lock after all was well again`);
  await hold?.read();
  await hold?.write();
  await hold?.release();
}

/** A lock that states no validity promises its ttl. */
function promiseEndNs({ ttlMs }: Stage, { granted }: Hold): Ns {
  const statedNs = granted.validUntilNs;
  return statedNs === undefined || statedNs === Infinity ? granted.invokedNs + msToNs(ttlMs) : statedNs;
}

/** Why an experiment that begins with the end of a ttl has nothing to say about a lock that has none. */
export function excludesEndless({ traits }: Terms): string | undefined {
  return traits.isEternal ? 'its keys have no ttl, so nobody gets in before its release' : undefined;
}

/** The same, where its client is awake. */
export function excludesAwake(terms: Terms): string | undefined {
  return terms.traits.renews ? 'it renews itself while its client is awake' : excludesEndless(terms);
}

const of = (reason: string, ...findings: Finding[]): Expectation => ({ findings, allowed: [], reason });

/** The lock keeps its promise. */
export function holds(reason: string): Expectation {
  return of(reason);
}

/** The lock was lost within its promise: only a fence keeps the damage from the resource. */
export function breaks({ variant }: Pick<Terms, 'variant'>, reason: string): Expectation {
  if (variant !== 'fenced') return of(reason, 'contract', 'corruption');
  return { ...of(reason, 'contract', 'rejected'), fencesMayGoBack: true };
}

/** The holder outlived its promise, which every lease allows: only a fence keeps the damage from the resource. */
export function outlives({ variant, traits }: Terms, reason: string): Expectation {
  if (traits.renews) {
    const { findings, allowed } = breaks({ variant }, reason);
    return { findings, allowed, reason: `${reason}; and this lock promises until its release` };
  }
  if (traits.promisesTooLong) {
    const why = `${reason}; and this lock counts its ttl from the end of the acquisition, so it promises too long`;
    return { findings: ['corruption'], allowed: ['belief', 'contract'], reason: why };
  }
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

/** Whether a lock looks at its clock when its votes came after its ttl. */
export function refusesLate({ traits, variant }: Terms): Expectation {
  if (traits.checksElapsed) return of('it looks at its clock when the votes are in, and lets the grant go');
  const reason = 'it does not look at its clock when the votes are in';
  // An endless promise is never over, so it is broken instead.
  if (traits.renews) return { findings: ['contract'], allowed: ['belief', 'corruption'], reason };
  const late = { findings: ['granted-expired'], reason } as const;
  return { ...late, allowed: variant === 'fenced' ? ['belief', 'rejected'] : ['belief', 'corruption'] };
}

/** A minority that cannot be reached holds up whoever waits for all. */
export function holdsUpWaiting({ traits }: Terms, reason: string): Expectation {
  if (!traits.waitsForAll) return of(reason);
  return {
    findings: [],
    allowed: ['liveness', 'stuck'],
    reason: `${reason}; but this lock waits until every master has answered`,
  };
}
