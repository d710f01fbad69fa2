/**
 * The arms of a comparison and their runs, on its page.
 *
 * @module
 */
import type { Arm, ArmRun, Comparison } from '../../model/comparison.js';
import { clientShares, runsIn, spreadOf, totalsOf, valuesOf } from '../arm-figures.js';
import { describeArmLeaks, formatMetric, nameArm } from '../comparison-words.js';
import { closedLoopNotes, describeScenario } from '../describe.js';
import { formatAmount, formatCount, formatIfCounted, formatQuantile, formatShare, NONE } from '../figures.js';
import { markup, type Markup } from './markup.js';
import { table } from './page-tables.js';

/** What each arm reached, what it cost, and what was seen of mutual exclusion; then run by run, folded. */
export function armSection(comparison: Comparison): Markup {
  const { arms } = comparison;
  const notes = closedLoopNotes(arms.map((arm) => arm.scenario)).map((note) => markup`<p class="faint">${note}</p>`);
  return markup`<h2>Arms</h2>${reachedTable(arms)}${notes}${costTable(arms)}${exclusionTable(arms)}${clientTable(arms)}
<h2>Runs</h2>${arms.map((arm) => runsFold(arm, comparison))}`;
}

function reachedTable(arms: readonly Arm[]): Markup {
  const rows = arms.map((arm) => {
    const runs = runsIn(arm);
    const rate = spreadOf(valuesOf(runs, 'rate'));
    const time = (metric: 'responseP50' | 'responseP99'): string =>
      formatMetric({ name: metric, unit: 'ns' }, spreadOf(valuesOf(runs, metric))?.median);
    return row(nameArm(arm), [
      `${String(runs.length)} of ${String(arm.runs.length)}`,
      rate === undefined ? NONE : `${formatAmount(rate.median)}/s`,
      rate === undefined ? NONE : `${formatAmount(rate.least)} to ${formatAmount(rate.most)}`,
      time('responseP50'),
      time('responseP99'),
      arm.lock,
    ]);
  });
  return table(['median of the runs', 'runs in', 'rate', 'least to most', 'p50', 'p99', 'lock'], rows);
}

function costTable(arms: readonly Arm[]): Markup {
  const rows = arms.map((arm) => {
    const { acquired, intended, gaveUp, unfinished, dropped, attempts, splitVotes } = totalsOf(arm);
    return row(nameArm(arm), [
      intended === 0 ? NONE : formatShare(acquired / intended),
      formatCount(gaveUp),
      formatQuantile(arm.gaveUp.p50Ns, 0.5, arm.gaveUp),
      formatIfCounted(arm.gaveUp.maxNs, arm.gaveUp.count),
      formatCount(unfinished),
      formatCount(dropped),
      acquired === 0 || attempts === 0 ? NONE : formatAmount(attempts / acquired),
      attempts === 0 ? NONE : `${formatCount(splitVotes)} (${formatShare(splitVotes / attempts)})`,
    ]);
  });
  return table(
    [
      'all runs that are in',
      'acquired',
      'gave up',
      'after (p50)',
      'after (max)',
      'unfinished',
      'dropped',
      'attempts each',
      'split votes',
    ],
    rows,
  );
}

function exclusionTable(arms: readonly Arm[]): Markup {
  const rows = arms.map((arm) => {
    const totals = totalsOf(arm);
    const contract = markup`<td${totals.contract > 0 ? markup` class="bad"` : markup``}>${formatCount(totals.contract)}</td>`;
    const cells = [
      totals.violatedRuns > 0 ? `VIOLATED in ${String(totals.violatedRuns)}` : 'none observed',
      formatCount(totals.overruns),
      describeArmLeaks(totals),
    ].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th>${nameArm(arm)}</th>${contract}${cells}</tr>`;
  });
  return table(['all runs', 'overlaps in a validity', 'runs with a violation', 'overruns', 'leaked keys'], rows);
}

/** The columns of the benchmark that python-redis-lock published: sum, average, least and most per client. */
function clientTable(arms: readonly Arm[]): Markup {
  const rows = arms.flatMap((arm) => {
    const shares = clientShares(arm);
    if (shares === undefined) return [];
    const { clients, sum, average, least, most } = shares;
    return [
      row(nameArm(arm), [
        formatCount(clients),
        formatCount(sum),
        formatAmount(average),
        formatCount(least),
        formatCount(most),
      ]),
    ];
  });
  return rows.length === 0 ? markup`` : table(['acquisitions per client', 'clients', 'sum', 'avg', 'min', 'max'], rows);
}

function runsFold(arm: Arm, { metrics }: Comparison): Markup {
  const primary = metrics.filter((metric) => metric.isPrimary);
  const { scenario, lock, isUnsafe } = arm;
  const words = describeScenario({ scenario, lock: { name: lock, version: null, isUnsafe, flaw: null } });
  const rows = arm.runs.map((run, index) => {
    const figures = primary.map((metric) => formatMetric(metric, run.metrics[metric.name]));
    return row(nameRun(run, index), [
      run.directory ?? `${run.runId} (not kept)`,
      String(run.seed),
      ...figures,
      run.health,
      run.safety,
      formatCount(run.contractCount),
      run.leftOut ?? 'no',
    ]);
  });
  const out = arm.runs.length - runsIn(arm).length;
  return markup`<details><summary>${nameArm(arm)}: ${arm.runs.length} runs${out > 0 ? `, ${String(out)} left out` : ''}</summary><p class="faint">${words}</p>${table(
    ['run', 'folder', 'seed', ...primary.map((metric) => metric.label), 'health', 'exclusion', 'overlaps', 'left out'],
    rows,
  )}</details>`;
}

function nameRun({ round }: ArmRun, index: number): string {
  return round === null ? String(index + 1) : `round ${String(round)}`;
}

function row(name: string, cells: readonly string[]): Markup {
  return markup`<tr><th>${name}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
}
