/**
 * The faults of one run of a tuning: masters out of reach, one at a time, and ways that stall.
 *
 * @module
 */
import type { ScheduledFault } from '../model/fault.js';
import { randomInteger, seededRandom, type Random } from '../model/random.js';
import type { TunedNetwork } from '../model/tuning.js';

/** What decides about the faults. */
export interface FaultPlan extends Pick<TunedNetwork, 'stall' | 'failingShare'> {
  readonly masters: number;
  readonly durationMs: number;
  readonly seed: number;
  /** From 1. The rounds of one seed share out the stalls, so that their time adds up over all of them. */
  readonly round: number;
}

/** Part of a run, in whole milliseconds. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a link needs after a fault before the next one: connections that were reset are open again by then. */
const GAP_MS = 50;
/** Of a run all masters together may be out of reach so long; the rest is for the state that is usual. */
export const MOST_FAILING_TOGETHER = 0.8;
/** Of a run one way may be taken so long by its stalls with the gaps around them, so that drawn places leave room for all. */
const MOST_TAKEN = 0.15;

/** The largest share of time that one way can stall for so long at a time: short stalls need more gaps. */
export function mostStalled(lengthMs: number): number {
  return (MOST_TAKEN * lengthMs) / (lengthMs + 2 * GAP_MS);
}

const SECOND_MS = 1_000;
/** Streams of a seed from 0 on belong to the runs, and one belongs to the order of the arms; these are far from both. */
const FAULT_STREAM = 2_000_003;

/**
 * Draws the faults of a run: every master is out of reach (`blackhole`) once, for its share of the run, and never two at a
 * time; and its replies stall (`hold-replies`) now and then, for their share of the run, while it is in reach.
 *
 * Spans of a second or more begin with a second where that is possible, so that whole seconds of the series lie in them.
 */
export function planFaults(plan: FaultPlan): ScheduledFault[] {
  const random = seededRandom(plan.seed, FAULT_STREAM + plan.round);
  const outages = planOutages(plan, random);
  return [
    ...outages.map(({ startMs, endMs }, place) => schedule('blackhole', place + 1, startMs, endMs - startMs)),
    ...outages.flatMap((outage, place) => planStalls(plan, place + 1, outage, random)),
  ]
    .filter(({ forMs = 0 }) => forMs > 0)
    .sort((a, b) => a.atMs - b.atMs);
}

/** The span of each master, in order of the masters; each lies in a slot of its own, drawn by chance. */
function planOutages({ masters, durationMs, failingShare }: FaultPlan, random: Random): Span[] {
  const lengthMs = Math.round(durationMs * failingShare);
  const slotMs = durationMs / masters;
  const slots = shuffle(masters, random);
  return slots.map((slot) => {
    const earliestMs = Math.ceil(slot * slotMs);
    const gapMs = Math.min(GAP_MS, Math.max(0, (slotMs - lengthMs) / 2));
    const latestMs = Math.floor((slot + 1) * slotMs - lengthMs - gapMs);
    const alignedMs = Math.ceil(earliestMs / SECOND_MS) * SECOND_MS;
    const isAligned = lengthMs >= SECOND_MS && alignedMs <= latestMs;
    const startMs = isAligned ? alignedMs : earliestMs + randomInteger(random, Math.max(0, latestMs - earliestMs) + 1);
    return { startMs, endMs: startMs + lengthMs };
  });
}

/** Stalls of one way, beside its outage and beside each other. */
function planStalls(plan: FaultPlan, master: number, outage: Span, random: Random): ScheduledFault[] {
  const { stall, durationMs } = plan;
  if (stall === null) return [];
  const count = countStalls(plan, master);
  let free: Span[] =
    outage.endMs > outage.startMs
      ? cutOut([{ startMs: 0, endMs: durationMs }], outage)
      : [{ startMs: 0, endMs: durationMs }];
  const stalls: ScheduledFault[] = [];
  for (let made = 0; made < count; made++) {
    const startMs = drawStart(free, stall.lengthMs, random);
    // No room is left, which `mostStalled` keeps from happening.
    if (startMs === undefined) break;
    stalls.push(schedule('hold-replies', master, startMs, stall.lengthMs));
    free = cutOut(free, { startMs, endMs: startMs + stall.lengthMs });
  }
  return stalls;
}

/**
 * How many stalls of a way fall into this round: whole numbers whose sum over the rounds so far is the exact number, up
 * to less than one (systematic sampling with a random start for each way).
 */
function countStalls({ stall, durationMs, seed, round }: FaultPlan, master: number): number {
  if (stall === null) return 0;
  const perRound = (durationMs * stall.share) / stall.lengthMs;
  const offset = seededRandom(seed, FAULT_STREAM - master).next();
  return Math.floor(round * perRound + offset) - Math.floor((round - 1) * perRound + offset);
}

/** Where a span of this length can begin, drawn evenly from all places; undefined when it fits nowhere. */
function drawStart(free: readonly Span[], lengthMs: number, random: Random): number | undefined {
  const rooms = free.map(({ startMs, endMs }) => Math.max(0, Math.floor(endMs - startMs - lengthMs) + 1));
  const all = rooms.reduce((sum, room) => sum + room, 0);
  if (all === 0) return undefined;
  let drawn = randomInteger(random, all);
  for (const [index, room] of rooms.entries()) {
    if (drawn < room) return (free[index]?.startMs ?? 0) + drawn;
    drawn -= room;
  }
  return undefined;
}

/** What is left without a span and the gaps around it. */
function cutOut(free: readonly Span[], { startMs, endMs }: Span): Span[] {
  return free.flatMap((span) => [
    ...(span.startMs < startMs - GAP_MS
      ? [{ startMs: span.startMs, endMs: Math.min(span.endMs, startMs - GAP_MS) }]
      : []),
    ...(span.endMs > endMs + GAP_MS ? [{ startMs: Math.max(span.startMs, endMs + GAP_MS), endMs: span.endMs }] : []),
  ]);
}

function schedule(kind: 'blackhole' | 'hold-replies', master: number, atMs: number, forMs: number): ScheduledFault {
  return { fault: { kind, master, client: undefined }, atMs, forMs };
}

/** The numbers below `count`, shuffled (Fisher and Yates). */
function shuffle(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const chosen = randomInteger(random, last + 1);
    [order[last], order[chosen]] = [order[chosen] ?? 0, order[last] ?? 0];
  }
  return order;
}
