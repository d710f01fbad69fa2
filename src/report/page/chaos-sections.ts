/**
 * Fault experiments on their page: the verdict, the table, and each experiment with its evidence.
 *
 * @module
 */
import { FINDINGS, type ChaosReport, type ExperimentResult } from '../../model/chaos.js';
import { formatCount, formatThings } from '../../model/figure-text.js';
import { msToNs, formatNs } from '../../model/time.js';
import {
  describeChaosRun,
  describeReceipts,
  describeReport,
  describeSetting,
  EXPERIMENT_VERDICTS,
  FINDING_MEANINGS,
  listExpected,
  listFindings,
  nameExperiment,
  receiptTone,
  troublesOf,
} from '../chaos-words.js';
import { describeMargins } from '../fault-words.js';
import { NONE } from '../figures.js';
import { describeFlaw } from '../verdicts.js';
import { receiptTable } from './fault-section.js';
import { markup, type Markup } from './markup.js';
import { table, wordTable } from './page-tables.js';

/** The first lines: what all experiments together say. */
export function chaosVerdictSection(report: ChaosReport): Markup {
  const { tone, text } = describeReport(report);
  const flaws = describeFlaw(report).map((flaw) => markup`<p>${flaw}</p>`);
  return markup`<div class="verdict ${tone}"><p><strong>${text}</strong></p>${flaws}</div>`;
}

/** Expected and observed of every experiment, and what the findings mean. */
export function chaosTableSection(report: ChaosReport): Markup {
  const { experiments } = report;
  if (experiments.length === 0) return markup`<p>No experiment was made.</p>`;
  const rows = experiments.map((experiment) => {
    const { tone, text } = EXPERIMENT_VERDICTS[experiment.verdict];
    const wasRun = experiment.verdict !== 'not-run';
    return markup`<tr><th>${nameExperiment(experiment)}</th><td class="short ${tone}">${text}</td><td class="short">${describeSetting(experiment)}</td><td class="long">${listExpected(experiment).join(', ') || 'nothing'}</td><td class="long">${wasRun ? listFindings(experiment.observed) : NONE}</td><td class="short ${experiment.receipts.length === 0 ? '' : receiptTone(experiment)}">${describeReceipts(experiment)}</td></tr>`;
  });
  const seen = FINDINGS.filter((finding) =>
    experiments.some(({ expected, observed }) => [...expected, ...observed].includes(finding)),
  );
  const meanings = seen.map((finding) => [finding, FINDING_MEANINGS[finding]] as const);
  return markup`${table(['experiment', 'verdict', 'lock', 'expected', 'observed', 'receipts'], rows, 'words')}${meanings.length > 0 ? wordTable(meanings) : markup``}`;
}

/** The experiments that are not folded. */
export function openExperiments(report: ChaosReport): ExperimentResult[] {
  return troublesOf(report).filter(({ verdict }) => verdict !== 'not-run');
}

/** Every experiment with its figures; those that went as expected are folded. */
export function experimentSections(
  report: ChaosReport,
  figuresOf: (experiment: ExperimentResult) => readonly Markup[],
): Markup {
  const open = openExperiments(report);
  const folded = report.experiments.filter((experiment) => !open.includes(experiment));
  const heading = (experiment: ExperimentResult): string =>
    `${nameExperiment(experiment)}, ${describeSetting(experiment)}: ${EXPERIMENT_VERDICTS[experiment.verdict].text}`;
  const shown = open.map(
    (experiment) =>
      markup`<h3 class="experiment">${heading(experiment)}</h3>${body(experiment, figuresOf(experiment))}`,
  );
  const others = folded.map(
    (experiment) =>
      markup`<details><summary>${heading(experiment)}</summary>${body(experiment, figuresOf(experiment))}</details>`,
  );
  return markup`<h2>Experiments</h2>${shown}${others}${environmentSection(report)}`;
}

function body(experiment: ExperimentResult, figures: readonly Markup[]): Markup {
  const { question, expected, observed, reasons, receipts, repeat, verdict, tookMs } = experiment;
  const why = reasons.map((reason) => markup`<p>${reason}</p>`);
  const observation = verdict === 'not-run' ? '' : ` Observed: ${listFindings(observed)}.`;
  const injected =
    receipts.length === 0 ? markup`<p class="faint">no fault belongs to this experiment</p>` : receiptTable(receipts);
  const seen = verdict === 'not-run' ? markup`` : evidenceTable(experiment);
  return markup`<p>${question}</p><p>Expected: ${listFindings(expected)}.${observation}</p>${why}${injected}${seen}${figures}<p class="faint">took ${formatNs(msToNs(tookMs))}; repeat: <code>${repeat}</code></p>`;
}

/** The three detectors, each for itself; they are not merged into one figure. */
function evidenceTable({ evidence }: ExperimentResult): Markup {
  const { intervals, witness, ledger, margins, recoveryMs } = evidence;
  return wordTable([
    [
      'intervals',
      `${formatThings(intervals.holds, 'hold')}: ${formatCount(intervals.contract)} overlapped within both promises, ${formatCount(intervals.grantedExpired)} granted expired, ${formatThings(intervals.overruns, 'overrun')}`,
    ],
    ['witness', `${formatThings(witness.entered, 'hold')} entered: ${formatThings(witness.overlaps, 'overlap')}`],
    ['ledger', describeLedger(ledger)],
    ['fault margin', describeMargins(margins) ?? NONE],
    ...(recoveryMs === null
      ? []
      : [
          [
            'next grant',
            `${formatNs(msToNs(recoveryMs))} after the faults, or after the death of the holder`,
          ] satisfies [string, string],
        ]),
  ]);
}

function describeLedger({
  touches,
  lostUpdates,
  fencedLostUpdates,
  rejected,
  anomalies,
}: ExperimentResult['evidence']['ledger']): string {
  return [
    `${formatThings(touches, 'touch', 'touches')} of the guarded resource: ${formatThings(lostUpdates, 'lost update')} without fences`,
    ...(fencedLostUpdates === null ? [] : [`${formatCount(fencedLostUpdates)} with them`]),
    ...(rejected === null ? [] : [`${formatCount(rejected)} refused for an old fence`]),
    ...anomalies,
  ].join(', ');
}

function environmentSection(report: ChaosReport): Markup {
  const { environment } = report;
  const libraries = Object.entries(environment.libraries).map(([name, version]) => `${name} ${version}`);
  return markup`<h2>Environment</h2>${wordTable([
    ['started', report.startedAt],
    ['run', report.runId],
    ['made with', describeChaosRun(report)],
    ['tool', `${environment.tool.name} ${environment.tool.version}`],
    ['Node.js', environment.node],
    ['platform', `${environment.platform}, kernel ${environment.kernel}`],
    ['CPU', `${environment.cpuModel}, ${String(environment.cores)} cores`],
    ['libraries', libraries.join(', ') || NONE],
  ])}`;
}
