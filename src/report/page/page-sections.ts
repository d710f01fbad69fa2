/**
 * What the page says in words and tables.
 *
 * @module
 */
import type { RunResult } from '../../model/result.js';
import type { Chart } from '../charts/chart.js';
import { closedLoopNotes } from '../describe.js';
import { formatAmount, formatCount, formatShare, formatThings, NONE } from '../figures.js';
import { nameRuns } from '../run-names.js';
import {
  describeExpiredGrants,
  describeFlaw,
  describeHealth,
  describeHistory,
  describeRate,
  describeSafety,
  describeSuccess,
  warningsOf,
  type Tone,
} from '../verdicts.js';
import { markup, trusted, type Markup } from './markup.js';
import { quantiles, table, thresholdTable, timesTable } from './page-tables.js';

/** The first lines: what the runs say of themselves. Runs with nothing to object to share one line. */
export function verdictSection(results: readonly RunResult[]): Markup {
  if (results.length === 1) return markup`${results.map((result) => verdictLine(result, ''))}`;
  const names = nameRuns(results);
  const isQuiet = (result: RunResult): boolean => warningsOf(result).length === 0;
  const quiet = results.filter(isQuiet);
  const holds = quiet.reduce((sum, result) => sum + result.safety.witnessed, 0);
  const loud = results.map((result, index) =>
    isQuiet(result) ? markup`` : verdictLine(result, `${names[index]?.label ?? ''}: `),
  );
  const shared = `${formatCount(quiet.length)} of ${formatThings(results.length, 'run')}`;
  return markup`${loud}${
    quiet.length === 0
      ? markup``
      : markup`<div class="verdict good"><p>${shared}: <strong>valid</strong> · mutual exclusion: <strong>no overlap: none observed in ${formatThings(holds, 'hold')}</strong></p></div>`
  }`;
}

/** The answer for one run: its rate, what became of the operations, and its times. */
export function answerSection(result: RunResult): Markup {
  const note = closedLoopNotes([result.scenario]).map((each) => markup`<p class="faint">${each}</p>`);
  return markup`<p class="rate">${describeRate(result)} locks acquired</p>
<p>${describeSuccess(result)}</p>${timesTable(result)}${note}${thresholdTable(result)}`;
}

/** The answer for several runs: one row each. */
export function comparisonSection(results: readonly RunResult[]): Markup {
  const names = nameRuns(results);
  const isAnyLoud = results.some((result) => warningsOf(result).length > 0);
  const rows = results.map((result, index) => {
    const { acquire, attempts } = result;
    const splitShare = attempts.total === 0 ? NONE : formatShare(attempts.splitVotes / attempts.total);
    const cells = [
      describeRate(result),
      ...quantiles(acquire.response),
      formatShare(acquire.successRatio),
      formatCount(acquire.gaveUp.count),
      formatCount(acquire.unfinished.count),
      attempts.total === 0 ? NONE : formatAmount(attempts.perAcquisition.mean),
      splitShare,
      ...(isAnyLoud ? [warningsOf(result).join(', ') || 'none'] : []),
    ].map((cell) => markup`<td>${cell}</td>`);
    const mark = result.lock.isUnsafe ? ' (unsafe)' : '';
    return markup`<tr><th>${names[index]?.label ?? ''}${mark}</th>${cells}</tr>`;
  });
  const note = closedLoopNotes(results.map((result) => result.scenario)).map(
    (each) => markup`<p class="faint">${each}</p>`,
  );
  return markup`${table(
    [
      'response time',
      'rate',
      'p50',
      'p90',
      'p99',
      'p99.9',
      'max',
      'acquired',
      'gave up',
      'unfinished',
      'attempts',
      'split votes',
      ...(isAnyLoud ? ['warnings'] : []),
    ],
    rows,
  )}${note}`;
}

/** A chart with its words in HTML, where they wrap, and its still picture until a script draws it anew. */
export function chartFigure(chart: Chart, svg: string): Markup {
  const alarm = chart.alarm === '' ? markup`` : markup`<p class="alarm">${chart.alarm}</p>`;
  const sentences = chart.notes.map((sentence) => markup`<p>${sentence}</p>`);
  return markup`<figure><figcaption><h3>${chart.title}</h3>${alarm}${sentences}</figcaption>
<div class="chart still" data-chart="${chart.name}">${trusted(svg)}</div></figure>`;
}

function verdictLine(result: RunResult, name: string): Markup {
  const health = describeHealth(result);
  const safety = describeSafety(result);
  const more = [...describeExpiredGrants(result), ...describeHistory(result)];
  const tone = worst([
    health.tone,
    safety.tone,
    ...more.map((line) => line.tone),
    result.lock.isUnsafe ? 'warning' : 'good',
  ]);
  const reasons = [
    ...describeFlaw(result),
    ...result.health.reasons,
    ...result.incidents,
    ...describeExpiredGrants(result).map(({ text }) => text),
    ...describeHistory(result).map(({ text }) => `history: ${text}`),
  ].map((reason) => markup`<p>${reason}</p>`);
  return markup`<div class="verdict ${tone}"><p>${name}<strong>${health.text}</strong> · mutual exclusion: <strong>${safety.text}</strong></p>${reasons}</div>`;
}

function worst(tones: readonly Tone[]): Tone {
  if (tones.includes('bad')) return 'bad';
  return tones.includes('warning') ? 'warning' : 'good';
}
