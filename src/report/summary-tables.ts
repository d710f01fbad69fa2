/**
 * The tables of the summary: times and masters.
 *
 * @module
 */
import { formatAmount, formatCount } from '../model/figure-text.js';
import type { LatencySummary } from '../model/histogram.js';
import type { MasterResult, RunResult } from '../model/result.js';
import { isClosedLoop } from './describe.js';
import { formatIfCounted, formatQuantile, NONE, shorten } from './figures.js';
import type { Cell, Style } from './style.js';

/** Every distribution of times of a run, one row each. */
export function latencyRows(result: RunResult): Cell[][] {
  const { acquire } = result;
  const row = (name: string, summary: LatencySummary): Cell[] => [
    { text: name },
    ...quantileCells(summary),
    { text: formatCount(summary.count) },
  ];
  return [
    header('time', 'p50', 'p90', 'p99', 'p99.9', 'max', 'count'),
    row('response', acquire.response),
    row('service', acquire.service),
    ...(isClosedLoop(result.scenario) ? [] : [row('start delay', acquire.scheduleDelay)]),
    row('gave up', acquire.gaveUp),
    row('release', result.release),
    row('hold', result.hold),
    row('handoff', result.handoff),
  ];
}

/** What stands in a row about one distribution. */
export function quantileCells(summary: LatencySummary): Cell[] {
  const { count } = summary;
  return [
    { text: formatQuantile(summary.p50Ns, 0.5, summary) },
    { text: formatQuantile(summary.p90Ns, 0.9, summary) },
    { text: formatQuantile(summary.p99Ns, 0.99, summary), emphasis: 'strong' },
    { text: formatQuantile(summary.p999Ns, 0.999, summary) },
    { text: formatIfCounted(summary.maxNs, count) },
  ];
}

/** The masters of a run, one row each. */
export function masterRows(result: RunResult, style: Style): Cell[][] {
  return [
    header('round trip to master', 'p50', 'p99', 'max', 'timeouts', 'errors', 'CPU'),
    ...result.masters.map((master, index): Cell[] => {
      const { roundTrip, timeouts, errors, cpuSeconds } = master;
      const address = master.endpoint.replace(/^redis:\/\//, '');
      const name = `${String(index + 1)} ${shorten(address, Math.max(16, style.columns - MASTER_WIDTH))}`;
      const isUnknown = isUnasked(master);
      return [
        { text: name },
        { text: formatQuantile(roundTrip.p50Ns, 0.5, roundTrip) },
        { text: formatQuantile(roundTrip.p99Ns, 0.99, roundTrip), emphasis: 'strong' },
        { text: formatIfCounted(roundTrip.maxNs, roundTrip.count) },
        countCell(timeouts, isUnknown),
        countCell(errors, isUnknown),
        { text: master.reachableAtEnd ? `${formatAmount(cpuSeconds)} s` : isUnknown ? NONE : 'gone' },
      ];
    }),
  ];
}

/** What the figures of a master need beside its name. */
const MASTER_WIDTH = 58;

/** Whether nothing at all is known of a master, as after a run that was killed: a zero would be an invention. */
function isUnasked({ roundTrip, timeouts, errors, reachableAtEnd, commands }: MasterResult): boolean {
  return !reachableAtEnd && roundTrip.count + timeouts + errors + Object.keys(commands).length === 0;
}

function countCell(count: number, isUnknown: boolean): Cell {
  if (isUnknown) return { text: NONE };
  return { text: formatCount(count), emphasis: count > 0 ? 'warning' : 'plain' };
}

/** The names of the columns. */
export function header(...names: readonly string[]): Cell[] {
  return names.map((text) => ({ text, emphasis: 'faint' }));
}
