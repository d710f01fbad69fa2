/**
 * The arms of a comparison as tables for the terminal: what they reached, what it cost, what was seen of their locks.
 *
 * @module
 */
import type { Arm, Comparison } from '../model/comparison.js';
import { formatAmount, formatCount, formatShare } from '../model/figure-text.js';
import { clientShares, runsIn, totalsOf } from './arm-figures.js';
import { describeArmLeaks, describeExclusion, nameArm } from './comparison-words.js';
import { formatQuantile, NONE, shortenWords } from './figures.js';
import { formatMedian, formatRates } from './metric-words.js';
import { alignColumns, fitNames, widthOf, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';

/** One table below the other, each with a row for every arm; arms whose names do not fit are numbered first. */
export function armLines({ arms }: Comparison, style: Style): string[] {
  const names = arms.map(nameArm);
  const tables = tablesOf(arms, names);
  if (tables.every((rows) => widthOf(rows) <= style.columns)) return tables.flatMap((rows) => tableLines(rows, style));
  const numbered = names.map((name, index) => `${String(index + 1)} ${name}`);
  return [
    ...numbered.map((name) => shortenWords(name, style.columns)),
    '',
    ...tablesOf(arms, numbered).flatMap((rows) => tableLines(fitNames(rows, style), style)),
  ];
}

function tableLines(rows: readonly (readonly Cell[])[], style: Style): string[] {
  return [...alignColumns(rows, 1, style), ''];
}

function tablesOf(arms: readonly Arm[], names: readonly string[]): Cell[][][] {
  const named = (rows: readonly (readonly Cell[])[]): Cell[][] =>
    rows.map((cells, index) => [
      { text: names[index] ?? '', emphasis: arms[index]?.isUnsafe === true ? 'warning' : 'plain' },
      ...cells,
    ]);
  const clients = arms.map(clientCells);
  return [
    [header('median of the runs', 'runs in', 'rate', 'least–most', 'p50', 'p99'), ...named(arms.map(reachedCells))],
    [
      header('all runs in', 'acquired', 'gave up', 'after', 'unfinished', 'attempts', 'split'),
      ...named(arms.map(costCells)),
    ],
    [header('all runs', 'exclusion', 'contract', 'overruns', 'leaked keys'), ...named(arms.map(exclusionCells))],
    ...(clients.every((cells) => cells.length === 0)
      ? []
      : [[header('per client', 'clients', 'sum', 'avg', 'min', 'max'), ...named(clients)]]),
  ];
}

function reachedCells(arm: Arm): Cell[] {
  const runs = runsIn(arm);
  const isAnyOut = runs.length < arm.runs.length;
  return [
    { text: `${String(runs.length)} of ${String(arm.runs.length)}`, emphasis: isAnyOut ? 'warning' : 'plain' },
    { text: formatMedian({ name: 'rate', unit: 'perSecond' }, arm), emphasis: 'strong' },
    { text: formatRates(arm) },
    { text: formatMedian({ name: 'responseP50', unit: 'ns' }, arm) },
    { text: formatMedian({ name: 'responseP99', unit: 'ns' }, arm), emphasis: 'strong' },
  ];
}

function costCells(arm: Arm): Cell[] {
  const { acquired, intended, gaveUp, unfinished, attempts, splitVotes } = totalsOf(arm);
  const isWhole = acquired === intended;
  return [
    { text: intended === 0 ? NONE : formatShare(acquired / intended), emphasis: isWhole ? 'plain' : 'warning' },
    { text: formatCount(gaveUp) },
    { text: formatQuantile(arm.gaveUp.p50Ns, 0.5, arm.gaveUp) },
    { text: formatCount(unfinished) },
    { text: acquired === 0 || attempts === 0 ? NONE : formatAmount(attempts / acquired) },
    { text: attempts === 0 ? NONE : formatShare(splitVotes / attempts) },
  ];
}

function exclusionCells(arm: Arm): Cell[] {
  const totals = totalsOf(arm);
  const counted = (count: number): string => (totals.runs === 0 ? NONE : formatCount(count));
  return [
    describeExclusion(arm),
    { text: counted(totals.contract), emphasis: totals.contract > 0 ? 'bad' : 'plain' },
    { text: counted(totals.overruns), emphasis: totals.overruns > 0 ? 'warning' : 'plain' },
    { text: describeArmLeaks(totals), emphasis: totals.leakedKeys > 0 ? 'warning' : 'plain' },
  ];
}

/** The columns of the benchmark that python-redis-lock published: sum, average, least and most per client of a run. */
function clientCells(arm: Arm): Cell[] {
  const shares = clientShares(arm);
  if (shares === undefined) return [];
  const { clients, sum, average, least, most } = shares;
  const figures = [
    formatCount(clients),
    formatCount(sum),
    formatAmount(average),
    formatCount(least),
    formatCount(most),
  ];
  return figures.map((text) => ({ text }));
}
