/**
 * `chaos --simulate`: searches schedules under all assumptions, then without each of them.
 *
 * @module
 */
import {
  ASSUMPTION_NAMES,
  type AssumptionName,
  type SimulatedViolation,
  type SimulationSearch,
  type SimulationSummary,
} from '../model/simulation.js';
import { nsToS, systemClock } from '../model/time.js';
import type { SchedulePath, SearchResult } from './search.js';
import { SearchThread } from './search-thread.js';

export interface SimulationOptions {
  /** How many schedules to search. */
  readonly seeds: number;
  readonly seed: number;
  /** What is dropped. Undefined: first nothing, then one assumption after the other. */
  readonly without: readonly AssumptionName[] | undefined;
  /** Replays the one schedule that a violation names. */
  readonly path?: string | undefined;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Told how many schedules were played, of how many at most; these get fewer where something is found. */
  readonly onProgress: (done: number, of: number) => void;
}

/** Within so many schedules an assumption that is dropped must be missed. */
const MOST_WHEN_DROPPED = 10_000;
/** One part of a search: half a second of work. The parts are the same however many threads there are. */
const SCHEDULES_PER_PART = 500;
/** Parts of a search begin at seeds that are far apart (2³² divided by the golden ratio). */
const SEED_STEP = 0x9e3779b9;

/** What is searched, one after the other. */
interface Plan {
  readonly without: readonly AssumptionName[];
  readonly schedules: number;
}

/** Searches, and stops each search at its first violation. An abort ends it with what was done until then. */
export async function runSimulation(options: SimulationOptions): Promise<SimulationSummary> {
  const { seed, signal, onProgress } = options;
  const plans = planSearches(options);
  const searches: SimulationSearch[] = [];
  const parts = Math.max(...plans.map(({ schedules }) => Math.ceil(schedules / SCHEDULES_PER_PART)));
  const threads = Math.max(1, Math.min(options.threads, parts));
  const pool = Array.from({ length: threads }, () => new SearchThread(signal));
  let done = 0;
  try {
    for (const [index, plan] of plans.entries()) {
      if (signal.aborted) break;
      const before = done;
      const after = sum(plans.slice(index + 1).map(({ schedules }) => schedules));
      const search = await searchTogether(pool, plan, options, (played) => {
        done += played;
        onProgress(done, before + plan.schedules + after);
      });
      searches.push(search);
    }
  } finally {
    await Promise.all(pool.map((thread) => thread.close()));
  }
  onProgress(done, done);
  return { seed, threads, status: signal.aborted ? 'interrupted' : 'complete', searches };
}

function planSearches({ seeds, without, path }: SimulationOptions): Plan[] {
  const schedules = path === undefined ? seeds : 1;
  if (without !== undefined) return [{ without, schedules }];
  if (path !== undefined) return [{ without: [], schedules }];
  const each = ASSUMPTION_NAMES.map((name) => ({ without: [name], schedules: MOST_WHEN_DROPPED }));
  return [{ without: [], schedules }, ...each];
}

/** Searches with all threads. Of several violations it is that of the first part, so that a seed ends in the same one. */
async function searchTogether(
  threads: readonly SearchThread[],
  { without, schedules }: Plan,
  { seed, path, signal }: SimulationOptions,
  onPlayed: (schedules: number) => void,
): Promise<SimulationSearch> {
  const startNs = systemClock.nowNs();
  const parts = Math.ceil(schedules / SCHEDULES_PER_PART);
  const results: SearchResult[] = [];
  let next = 0;
  let first = Infinity;
  const work = async (thread: SearchThread): Promise<void> => {
    while (next < parts && first === Infinity && !signal.aborted) {
      const part = next++;
      const result = await thread.search({
        seed: (seed + part * SEED_STEP) >>> 0,
        schedules: Math.min(SCHEDULES_PER_PART, schedules - part * SCHEDULES_PER_PART),
        without,
        path,
      });
      if (result === undefined) return;
      results[part] = result;
      onPlayed(result.schedules);
      if (result.found !== null) first = Math.min(first, part);
    }
  };
  await Promise.all(threads.map(work));
  const tookS = nsToS(systemClock.nowNs() - startNs);
  const played = sum(results.map((result) => result.schedules));
  return {
    without,
    schedules: played,
    grants: sum(results.map(({ grants }) => grants)),
    schedulesPerSecond: played / tookS,
    violation: await tellViolation(threads, first, results[first], without),
  };
}

async function tellViolation(
  [thread]: readonly SearchThread[],
  part: number,
  result: SearchResult | undefined,
  without: readonly AssumptionName[],
): Promise<SimulatedViolation | null> {
  const found = result?.found;
  if (result === undefined || found === null || found === undefined) return null;
  return {
    ...found,
    foundAfter: part * SCHEDULES_PER_PART + result.schedules,
    story: (await thread?.tell({ ...found, without })) ?? [],
    replay: replayCommand(found, without),
  };
}

function replayCommand({ seed, path }: SchedulePath, without: readonly AssumptionName[]): string {
  const dropped = without.map((name) => ` --without ${name}`).join('');
  return `redlock-bench chaos --simulate --seed ${String(seed)} --path ${path}${dropped}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
