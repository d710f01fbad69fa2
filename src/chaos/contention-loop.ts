/**
 * Contention: client slots that acquire, update the guarded resource, release and begin again.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import { Holds } from '../load/hold.js';
import { UsageError } from '../model/errors.js';
import { randomInteger, type Random } from '../model/random.js';
import { msToNs, type Clock, type Ns } from '../model/time.js';
import type { LoopPlan, LoopReport } from './contender-protocol.js';
import type { Contending } from './contending.js';

const MOST_GRANTS = 100_000;

/**
 * Runs to the plan's end; acquisitions that wait then are aborted, and holds under way are finished.
 *
 * @throws EnvironmentError when the guarded resource is gone, after all slots have stopped
 */
export async function contend(
  contending: Contending,
  plan: LoopPlan,
  clock: Clock,
  random: Random,
): Promise<LoopReport> {
  const { keys, ttlMs, holdMs, forMs, clients, fenced = false } = plan;
  if (keys.length === 0) throw new UsageError(['keys: expected one at least, got none']);
  const holds = new Holds(clock, random);
  const end = new AbortController();
  // Every slot waits on it; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, end.signal);
  const timer = setTimeout(() => {
    end.abort();
  }, forMs);
  const endNs = clock.nowNs() + msToNs(forMs);
  const failed: Record<string, number> = {};
  const grantsAtNs: Ns[] = [];
  let granted = 0;
  let lastGrantNs: Ns | undefined;

  const isOver = (): boolean => end.signal.aborted || clock.nowNs() >= endNs;

  const turn = async (): Promise<void> => {
    const key = keys[randomInteger(random, keys.length)];
    if (key === undefined) return;
    const report = await contending.acquire({ ...key, ttlMs, fenced }, end.signal);
    if (report.status !== 'acquired') {
      if (report.status !== 'aborted') failed[report.status] = (failed[report.status] ?? 0) + 1;
      // A lock that refuses without I/O would otherwise keep timers and sockets from ever running.
      await new Promise(setImmediate);
      return;
    }
    granted++;
    lastGrantNs = report.returnedNs;
    if (grantsAtNs.length < MOST_GRANTS) grantsAtNs.push(report.returnedNs);
    await contending.read(report.hold);
    if (holdMs > 0) await holds.wait(holdMs);
    await contending.write(report.hold);
    await contending.release(report.hold);
  };
  const run = async (): Promise<void> => {
    try {
      while (!isOver()) await turn();
    } catch (error) {
      end.abort();
      throw error;
    }
  };
  const slots = Array.from({ length: clients }, run);
  const ends = await Promise.allSettled(slots);
  clearTimeout(timer);
  for (const one of ends) if (one.status === 'rejected') throw one.reason;
  return { granted, failed, firstGrantNs: grantsAtNs[0], lastGrantNs, grantsAtNs };
}
