/**
 * The arms of a comparison and their runs, on its page.
 *
 * @module
 */
import type { Arm, ArmRun, Comparison } from '../../model/comparison.js';
import { formatAmount, formatCount, formatShare } from '../../model/figure-text.js';
import { clientShares, runsIn, totalsOf } from '../arm-figures.js';
import { describeArmLeaks, describeExclusion, nameArm, untoldFlaws } from '../comparison-words.js';
import { closedLoopNotes, describeScenario } from '../describe.js';
import { formatIfCounted, formatQuantile, NONE } from '../figures.js';
import { formatFound, formatMedian, formatRates } from '../metric-words.js';
import { shownWarnings } from './effect-tables.js';
import { markup, type Markup } from './markup.js';
import { table } from './page-tables.js';

/** What each arm reached, what it cost, and what was seen of mutual exclusion; then run by run, folded. */
export function armSection(comparison: Comparison): Markup {
  const { arms } = comparison;
  const scenarios = arms.map((arm) => arm.scenario);
  const notes = closedLoopNotes(scenarios, 'arm').map((note) => markup`<p class="faint">${note}</p>`);
  const flaws = untoldFlaws({ ...comparison, warnings: shownWarnings(comparison.warnings).seen }).map(
    (flaw) => markup`<p class="warning alarm">${flaw}</p>`,
  );
  return markup`<h2>Arms</h2>${flaws}${reachedTable(arms)}${notes}${costTable(arms)}${exclusionTable(arms)}${clientTable(arms)}
<h2>Runs</h2>${arms.map((arm) => runsFold(arm, comparison))}`;
}

function reachedTable(arms: readonly Arm[]): Markup {
  const rows = arms.map((arm) =>
    row(nameArm(arm), [
      `${String(runsIn(arm).length)} of ${String(arm.runs.length)}`,
      formatMedian({ name: 'rate', unit: 'perSecond' }, arm),
      formatRates(arm),
      formatMedian({ name: 'responseP50', unit: 'ns' }, arm),
      formatMedian({ name: 'responseP99', unit: 'ns' }, arm),
      arm.lock,
    ]),
  );
  return table(['median of the runs', 'runs in', 'rate', 'least–most', 'p50', 'p99', 'lock'], rows);
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
    const counted = (count: number): string => (totals.runs === 0 ? NONE : formatCount(count));
    const seen = describeExclusion(arm);
    const cells = [
      markup`<td class="${seen.emphasis}">${seen.text}</td>`,
      markup`<td${totals.contract > 0 ? markup` class="bad"` : markup``}>${counted(totals.contract)}</td>`,
      markup`<td>${counted(totals.overruns)}</td>`,
      markup`<td>${describeArmLeaks(totals)}</td>`,
    ];
    return markup`<tr><th>${nameArm(arm)}</th>${cells}</tr>`;
  });
  return table(['all runs', 'mutual exclusion', 'overlaps in a validity', 'overruns', 'leaked keys'], rows);
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

function runsFold(arm: Arm, { arms, metrics }: Comparison): Markup {
  const primary = metrics.filter((metric) => metric.isPrimary);
  const isAnyCrossed = arms.some(({ runs }) => runs.some((run) => run.crossed.length > 0));
  const { scenario, lock, isUnsafe } = arm;
  const words = describeScenario({ scenario, lock: { name: lock, version: null, isUnsafe, flaw: null } });
  const rows = arm.runs.map((run, index) => {
    const figures = primary.map((metric) => formatFound(metric, [run], run.metrics[metric.name]));
    return row(nameRun(run, index), [
      run.directory ?? `${run.runId} (not kept)`,
      String(run.seed),
      ...figures,
      run.health,
      run.safety,
      formatCount(run.contractCount),
      ...(isAnyCrossed ? [run.crossed.join('; ') || 'none'] : []),
      run.leftOut ?? 'no',
    ]);
  });
  const out = arm.runs.length - runsIn(arm).length;
  return markup`<details><summary>${nameArm(arm)}: ${arm.runs.length} runs${out > 0 ? `, ${String(out)} left out` : ''}</summary><p class="faint">${words}</p>${table(
    [
      'run',
      'folder',
      'seed',
      ...primary.map((metric) => metric.label),
      'health',
      'exclusion',
      'overlaps',
      ...(isAnyCrossed ? ['thresholds crossed'] : []),
      'left out',
    ],
    rows,
  )}</details>`;
}

function nameRun({ round }: ArmRun, index: number): string {
  return round === null ? String(index + 1) : `round ${String(round)}`;
}

function row(name: string, cells: readonly string[]): Markup {
  return markup`<tr><th>${name}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
}
