/**
 * A simulation for the terminal: how much was searched, what was found without each assumption, and its stories.
 *
 * @module
 */
import { formatCount, formatThings } from '../model/figure-text.js';
import {
  ASSUMPTIONS,
  type AssumptionName,
  type SimulatedViolation,
  type SimulationSearch,
  type SimulationSummary,
} from '../model/simulation.js';

const MARGIN = '  ';

/** One line for each search, then the story of each violation. Ends without a line feed. */
export function renderSimulation({ seed, threads, status, searches }: SimulationSummary): string {
  const ended = status === 'complete' ? '' : ', interrupted';
  const width = Math.max(0, ...searches.map(({ without }) => nameSearch(without).length));
  const stories = searches.flatMap(({ without, violation }) =>
    violation === null ? [] : ['', ...tellViolation(without, violation)],
  );
  return [
    `simulation, seed ${String(seed)}, ${formatThings(threads, 'thread')}${ended}`,
    '',
    ...searches.map((search) => `${nameSearch(search.without).padEnd(width)}${MARGIN}${describeSearch(search)}`),
    ...stories,
  ].join('\n');
}

function nameSearch(without: readonly AssumptionName[]): string {
  return without.length === 0 ? 'all assumptions' : `without ${without.join(', ')}`;
}

function describeSearch({ without, schedules, grants, schedulesPerSecond, violation }: SimulationSearch): string {
  const searched = `${formatThings(grants, 'promise')} of ${formatThings(schedules, 'schedule')}`;
  if (without.length === 0) {
    const rate = `${formatCount(Math.round(schedulesPerSecond))} schedules a second`;
    if (violation === null) return `no two promises overlap: none observed in ${searched} (${rate})`;
    return `VIOLATED: two promises overlap in schedule ${formatCount(violation.foundAfter)} (${rate})`;
  }
  if (violation !== null) return `violation found after ${formatThings(violation.foundAfter, 'schedule')}`;
  return `no violation found in ${searched}`;
}

function tellViolation(without: readonly AssumptionName[], { story, replay }: SimulatedViolation): string[] {
  const dropped = without.map((name) => ASSUMPTIONS[name].says);
  return [
    `${nameSearch(without)}${dropped.length === 0 ? '' : ` (no longer: ${dropped.join('; ')})`}`,
    ...story.map((line) => MARGIN + line),
    `${MARGIN}replay: ${replay}`,
  ];
}
