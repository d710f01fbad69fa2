/**
 * Fault experiments for the terminal: the verdict, the table, and what needs an explanation.
 *
 * @module
 */
import { FINDINGS, type ChaosReport, type ExperimentResult, type Finding } from '../model/chaos.js';
import { formatNs, msToNs } from '../model/time.js';
import {
  describeChaosRun,
  describeReceipts,
  describeReport,
  describeSetting,
  EXPERIMENT_VERDICTS,
  FINDING_MEANINGS,
  FINDING_NAMES,
  listExpected,
  listFindings,
  nameExperiment,
  nameSetting,
  receiptTone,
  troublesOf,
} from './chaos-words.js';
import { fileLines } from './file-lines.js';
import { NONE, wrap } from './figures.js';
import { alignColumns, fitNames, labelled, paint, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';
import { describeFlaw } from './verdicts.js';

/** The summary of a chaos report; its first line is the verdict over all. Ends without a line feed. */
export function renderChaosSummary(report: ChaosReport, style: Style, files: readonly string[] = []): string {
  const verdict = describeReport(report);
  return [
    ...labelled('verdict', verdict.text, style, verdict.tone),
    ...describeFlaw(report).flatMap((flaw) => labelled('warning', flaw, style, 'warning')),
    ...labelled('made with', describeChaosRun(report), style),
    ...tableLines(report, style),
    ...meaningLines(report, style),
    ...troublesOf(report).flatMap((experiment) => ['', ...troubleLines(experiment, style)]),
    ...fileLines(files, style),
  ].join('\n');
}

/** One experiment in one line, when it is over. */
export function renderExperimentEnd(experiment: ExperimentResult, style: Style): string {
  const { tone, text } = EXPERIMENT_VERDICTS[experiment.verdict];
  const { verdict, observed, reasons, lock, tookMs } = experiment;
  const setting = `${nameExperiment(experiment)}, ${lock}, ${nameSetting(experiment)}`;
  if (verdict === 'not-run')
    return `${setting}: ${paint(style, tone, text)}${reasons.map((why) => `: ${why}`).join('')}`;
  return `${setting}: ${paint(style, tone, text)}, observed ${listFindings(observed)} (${formatNs(msToNs(tookMs))})`;
}

function tableLines({ experiments }: ChaosReport, style: Style): string[] {
  if (experiments.length === 0) return [];
  const rows = experiments.flatMap(experimentRows);
  const names = header('experiment', 'lock, N', 'expected', 'observed', 'receipts', 'verdict');
  return ['', ...alignColumns(fitNames([names, ...rows], style), names.length, style)];
}

/** One line for each finding, so that a column is as wide as a word. */
function experimentRows(experiment: ExperimentResult): Cell[][] {
  const verdict = EXPERIMENT_VERDICTS[experiment.verdict];
  const wasRun = experiment.verdict !== 'not-run';
  const wanted = listExpected(experiment);
  const expected = wanted.length === 0 ? ['nothing'] : wanted;
  const observed = wasRun ? findingCells(experiment.observed, 'nothing') : [NONE];
  const receipts = describeReceipts(experiment);
  const names = [nameExperiment(experiment), ...(experiment.isMutant ? [`  ${experiment.lock}`] : [])];
  return Array.from({ length: Math.max(names.length, expected.length, observed.length) }, (_, line): Cell[] => [
    { text: names[line] ?? '' },
    { text: line === 0 ? nameSetting(experiment) : '' },
    { text: expected[line] ?? '' },
    { text: observed[line] ?? '' },
    line === 0 ? { text: receipts, emphasis: receiptTone(experiment) === 'good' ? 'plain' : 'warning' } : { text: '' },
    line === 0 ? { text: verdict.text, emphasis: verdict.tone } : { text: '' },
  ]);
}

function findingCells(findings: readonly Finding[], empty: string): string[] {
  return findings.length === 0
    ? [empty]
    : FINDINGS.filter((each) => findings.includes(each)).map((each) => FINDING_NAMES[each]);
}

function meaningLines({ experiments }: ChaosReport, style: Style): string[] {
  const seen = FINDINGS.filter((finding) =>
    experiments.some(({ expected, observed }) => [...expected, ...observed].includes(finding)),
  );
  const lines = seen.flatMap((finding) => {
    const name = FINDING_NAMES[finding];
    const full = name === finding ? '' : `${finding}: `;
    return labelled(name, `${full}${FINDING_MEANINGS[finding]}`, style, 'faint');
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function troubleLines(experiment: ExperimentResult, style: Style): string[] {
  const { verdict, expected, observed, reasons, receipts, repeat } = experiment;
  const { tone, text } = EXPERIMENT_VERDICTS[verdict];
  const name = `${nameExperiment(experiment)}, ${describeSetting(experiment)}`;
  const missing = receipts.filter(({ status }) => verdict !== 'not-run' && status !== 'effective');
  const saw = verdict === 'not-run' ? '' : `: expected ${listFindings(expected)}, observed ${listFindings(observed)}`;
  return [
    ...labelled(text, `${name}${saw}`, style, verdict === 'not-run' ? 'plain' : tone),
    ...reasons.flatMap((reason) => labelled('', reason, style)),
    ...missing.flatMap(({ fault, proof }) => labelled('', `no receipt of ${fault}: ${proof}`, style)),
    ...labelled('repeat', continued(repeat, style), style, 'strong'),
  ].map((line) => (style.color ? line : line.trimEnd()));
}

/** A command over several lines that a shell still reads as one. */
function continued(command: string, style: Style): string {
  return wrap(command, Math.max(20, style.columns - COMMAND_MARGIN)).join(' \\\n');
}

/** The label before it, and the backslash behind it. */
const COMMAND_MARGIN = 13;
