/**
 * Turns a schedule into calls, on time.
 *
 * @module
 */
import { nsToMs, usToNs, type Clock, type Ns } from '../model/time.js';
import type { Pacer } from './pacer.js';

/** A timer fires up to this much late even on an idle loop (measured: p99 0.3 ms on a loaded two-core machine). */
const TIMER_SLACK_MS = 0.3;
/** An empty turn of the loop shorter than this was spent spinning, not serving. */
const EMPTY_TURN_NS = usToNs(50);
/** Starts handed out before the loop gets a turn, so that a long backlog does not keep replies waiting. */
const MAX_BURST = 512;
/** setTimeout takes 31 bits of milliseconds; the loop looks again after this. */
const LONGEST_TIMER_MS = 1_000_000;

/** What a start loop tells of itself. */
export interface StartLoop {
  /** Ends when the schedule is over or `stop` was called. */
  readonly done: Promise<void>;
  /** Ends it and gives the start that would have been next; undefined when the schedule was over. */
  stop(): Ns | undefined;
}

/** Counts the time spent spinning on an event loop with nothing else to do: not work, so health subtracts it. */
export interface SpinMeter {
  spunNs: Ns;
}

/**
 * Calls `start` once for every intended start of the schedule, never before its time.
 *
 * A timer brings it to within a timer's slack of the next start, and setImmediate covers the rest: it spins, but every
 * turn still serves sockets and timers. When the loop was late, all starts that are due follow at once, each with the
 * intended time that the schedule gave it.
 */
export function runStartLoop(
  pacer: Pacer,
  clock: Clock,
  start: (intendedNs: Ns) => void,
  meter: SpinMeter = { spunNs: 0 },
): StartLoop {
  let intendedNs = pacer.next();
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let turnNs = 0;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const turn = (): void => {
    const nowNs = clock.nowNs();
    let started = 0;
    while (intendedNs !== undefined && intendedNs <= nowNs && started < MAX_BURST) {
      start(intendedNs);
      intendedNs = pacer.next();
      started++;
    }
    if (started === 0 && turnNs !== 0 && nowNs - turnNs < EMPTY_TURN_NS) meter.spunNs += nowNs - turnNs;
    if (intendedNs === undefined) {
      finish();
      return;
    }
    arm(nsToMs(intendedNs - nowNs), nowNs);
  };
  const arm = (waitMs: number, nowNs: Ns): void => {
    const timerMs = Math.floor(waitMs - TIMER_SLACK_MS);
    if (timerMs >= 1) {
      turnNs = 0;
      timer = setTimeout(turn, Math.min(timerMs, LONGEST_TIMER_MS));
    } else {
      turnNs = nowNs;
      immediate = setImmediate(turn);
    }
  };

  turn();
  return {
    done,
    stop: () => {
      clearTimeout(timer);
      clearImmediate(immediate);
      const pendingNs = intendedNs;
      intendedNs = undefined;
      finish();
      return pendingNs;
    },
  };
}

/** Waits until an instant, for the barrier that all workers share. */
export async function sleepUntil(clock: Clock, instantNs: Ns): Promise<void> {
  let pending: Ns | undefined = instantNs;
  const once: Pacer = {
    next: () => {
      const nextNs = pending;
      pending = undefined;
      return nextNs;
    },
  };
  await runStartLoop(once, clock, () => undefined).done;
}
