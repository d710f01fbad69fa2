/**
 * What stands at the end of the page: scenario, environment, masters, raw numbers.
 *
 * @module
 */
import { formatAmount, formatCount, formatThings } from '../../model/figure-text.js';
import { nameLock } from '../../model/measured-lock.js';
import type { RunResult } from '../../model/result.js';
import { formatNs, msToS } from '../../model/time.js';
import { describeScenario } from '../describe.js';
import { formatIfCounted, formatQuantile, NONE } from '../figures.js';
import { describeMargins } from '../fault-words.js';
import { describeEvidence, describeExpiredGrants, describeFlaw, describeHistory, describeLeaks } from '../verdicts.js';
import { faultSection } from './fault-section.js';
import { markup, type Markup } from './markup.js';
import { table, wordTable } from './page-tables.js';

/**
 * Everything else about one run: scenario, environment, masters, raw numbers.
 *
 * @param mostIntervals as many rows as its share of the page leaves room for
 */
export function detailSections(result: RunResult, mostIntervals = SHOWN_INTERVALS): Markup {
  const { environment, scenario } = result;
  const libraries = Object.entries(environment.libraries).map(([name, version]) => `${name} ${version}`);
  return markup`${faultSection(result)}<h2>Scenario</h2><p>${describeScenario(result)}</p>
<details class="bulk"><summary>every setting</summary>${wordTable(Object.entries(scenario).map(([key, value]) => [key, setting(value)]))}</details>
<h2>Environment</h2>${wordTable([
    ['started', result.startedAt],
    ['run', result.runId],
    ['lock', [nameLock(result.lock), ...describeFlaw(result)].join('; ')],
    ['measured', `${formatAmount(msToS(result.measuredMs))} s`],
    ['tool', `${environment.tool.name} ${environment.tool.version}`],
    ['Node.js', environment.node],
    ['platform', `${environment.platform}, kernel ${environment.kernel}`],
    ['CPU', `${environment.cpuModel}, ${String(environment.cores)} cores`],
    ['memory', `${formatAmount(environment.memoryBytes / BYTES_PER_GIB)} GiB`],
    ['libraries', libraries.join(', ') || NONE],
    ['self-judgement', describeEvidence(result)],
    ['leak audit', describeLeaks(result).text],
    ['granted expired', describeExpiredGrants(result)[0]?.text ?? 'none observed'],
    ['history', describeHistory(result)[0]?.text ?? 'not recorded'],
  ])}
<h2>Masters</h2>${mastersTable(result)}
<h2>Raw numbers</h2>${rawTables(result, mostIntervals)}`;
}

const BYTES_PER_GIB = 2 ** 30;

function mastersTable({ masters }: RunResult): Markup {
  const rows = masters.map((master, index) => {
    const { roundTrip } = master;
    const commands = Object.entries(master.commands).map(([name, calls]) => `${name} ${formatCount(calls)}`);
    const config = Object.entries(master.config).map(([name, value]) => `${name} ${value === '' ? '""' : value}`);
    const cells = [
      `${master.server} ${master.version}`,
      formatQuantile(roundTrip.p50Ns, 0.5, roundTrip),
      formatQuantile(roundTrip.p99Ns, 0.99, roundTrip),
      formatCount(roundTrip.count),
      formatCount(master.timeouts),
      formatCount(master.errors),
      `${formatAmount(master.cpuSeconds)} s`,
      master.reachableAtEnd ? 'yes' : 'no',
    ].map((cell) => markup`<td>${cell}</td>`);
    const words = [commands.join(', ') || NONE, config.join(', ') || NONE].map(
      (cell) => markup`<td class="what">${cell}</td>`,
    );
    return markup`<tr><th>${index + 1} ${master.endpoint}</th>${cells}${words}</tr>`;
  });
  return table(
    [
      'master',
      'server',
      'p50',
      'p99',
      'replies',
      'timeouts',
      'errors',
      'CPU',
      'up at the end',
      'commands',
      'configuration',
    ],
    rows,
  );
}

function rawTables(result: RunResult, mostIntervals: number): Markup {
  const { acquire, attempts, validityMs, fairness, release, health } = result;
  const outcomes = Object.entries(acquire.counts).map(([status, count]) => [`operations ${status}`, count] as const);
  const releases = Object.entries(release.counts).map(([status, count]) => [`releases ${status}`, count] as const);
  const counted = (rows: readonly (readonly [string, number])[]): [string, string][] =>
    rows.map(([name, count]) => [name, formatCount(count)]);
  const { mean, max } = attempts.perAcquisition;
  return markup`${wordTable([
    ...counted(outcomes),
    ['oldest unfinished', formatIfCounted(acquire.unfinished.oldestNs, acquire.unfinished.count)],
    ...counted(releases),
    ['attempts', formatCount(attempts.total)],
    ['attempts per acquisition', `mean ${formatAmount(mean)}, max ${formatCount(max)}`],
    ['split votes', formatCount(attempts.splitVotes)],
    ['wake-ups', formatCount(attempts.wakeUps)],
    [
      'validity at the grant',
      validityMs.count === 0 ? NONE : `min ${formatCount(validityMs.min)} ms, p50 ${formatCount(validityMs.p50)} ms`,
    ],
    ['fault margin', describeMargins(attempts.margins ?? []) ?? NONE],
    [
      'fairness',
      fairness === null
        ? NONE
        : `Jain ${fairness.jain.toFixed(3)}, ${formatCount(fairness.minPerClient)} to ${formatCount(fairness.maxPerClient)} per client`,
    ],
    ['event loop delay', `p50 ${formatNs(health.eventLoopDelay.p50Ns)}, max ${formatNs(health.eventLoopDelay.maxNs)}`],
  ])}<details class="bulk"><summary>every interval</summary>${intervalsTable(result.series, mostIntervals)}</details>`;
}

function intervalsTable(series: RunResult['series'], most: number): Markup {
  if (most === 0)
    return markup`<p class="faint">${formatThings(series.length, 'interval')}: they stand in result.json</p>`;
  const rows = series.slice(0, most).map((point) => {
    const { acquired } = point.counts;
    const cells = [
      formatAmount(point.ratePerSecond),
      formatIfCounted(point.responseP50Ns, acquired),
      formatQuantile(point.responseP99Ns, 0.99, { count: acquired, exceeded: 0 }),
      formatCount(Object.values(point.counts).reduce((sum, count) => sum + count, 0) - acquired),
    ].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th>${formatAmount(msToS(point.atMs))}</th>${cells}</tr>`;
  });
  const rest =
    series.length > most
      ? markup`<p class="faint">the first ${formatCount(most)} of ${formatCount(series.length)}; result.json has all</p>`
      : markup``;
  return markup`${table(['from (s)', 'locks/s', 'response p50', 'response p99', 'not acquired'], rows)}${rest}`;
}

const SHOWN_INTERVALS = 600;

function setting(value: unknown): string {
  if (value === undefined || value === null || value === '') return NONE;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
