/**
 * What the page says in words and tables.
 *
 * @module
 */
import { formatAmount, formatCount, formatShare, formatThings } from '../../model/figure-text.js';
import type { RunResult } from '../../model/result.js';
import { summarizeChart } from '../charts/chart-summary.js';
import type { Chart } from '../charts/chart.js';
import { closedLoopNotes } from '../describe.js';
import { formatQuantile, NONE } from '../figures.js';
import { nameRuns } from '../run-names.js';
import {
  describeExpiredGrants,
  describeFlaw,
  describeHealth,
  describeHistory,
  describeLeaks,
  describeRate,
  describeSafety,
  describeSuccess,
  warningsOf,
  type Tone,
  type VerdictLine,
} from '../verdicts.js';
import { markup, trusted, type Markup } from './markup.js';
import { quantiles, table, thresholdTable, timesTable } from './page-tables.js';

/** The first lines: what the runs say of themselves. Runs with nothing to object to, in no word of theirs, share one line. */
export function verdictSection(results: readonly RunResult[]): Markup {
  const [only] = results;
  if (results.length === 1 && only !== undefined) return markup`${verdictCard(only)}${thresholdTable(only)}`;
  const names = nameRuns(results);
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

/** What there is to say against one of several runs, and what its thresholds measured. */
export function objectionSection(result: RunResult): Markup {
  return markup`${paragraphs(reasonsOf(result))}${thresholdTable(result)}`;
}

/** The answer for one run: its rate, what became of the operations, and its times. */
export function answerSection(result: RunResult): Markup {
  const note = closedLoopNotes([result.scenario]).map((each) => markup`<p class="faint">${each}</p>`);
  const { response } = result.acquire;
  return markup`<h2>Rate and times</h2><p class="rate">${describeRate(result)} <span>locks acquired</span></p>
<ul class="heads">${head('response p50', formatQuantile(response.p50Ns, 0.5, response))}${head('response p99', formatQuantile(response.p99Ns, 0.99, response))}${head('acquired', formatShare(result.acquire.successRatio))}</ul>
<p>${describeSuccess(result)}</p>${timesTable(result)}${note}`;
}

function head(name: string, value: string): Markup {
  return markup`<li>${name} <strong>${value}</strong></li>`;
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

/**
 * A chart with its words in HTML, where they wrap. Its still picture stays in the page: for readers without scripts, and
 * on paper, which is always light.
 */
export function chartFigure(chart: Chart, svg: string | undefined): Markup {
  const picture = svg === undefined ? markup`` : trusted(ownIds(svg, chart.name));
  const where =
    svg === undefined
      ? markup`<noscript><p>its picture would make this page too heavy: it is charts/${chart.name}.svg</p></noscript>`
      : markup``;
  return markup`<figure>${captionOf(chart)}${where}
<div class="chart still" data-chart="${chart.name}" role="img" aria-label="${summarizeChart(chart)}">${picture}</div></figure>`;
}

/** A chart that the page has no room for. */
export function leftOutFigure(chart: Chart): Markup {
  return markup`<figure>${captionOf(chart)}<p class="faint">this chart would make the page too heavy: it is charts/${chart.name}.svg</p></figure>`;
}

function captionOf(chart: Chart): Markup {
  const alarm = chart.alarm === '' ? markup`` : markup`<p class="alarm">${chart.alarm}</p>`;
  return markup`<figcaption><h3>${chart.title}</h3>${alarm}${paragraphs(chart.notes)}</figcaption>`;
}

/** Vega numbers its clips anew in every process, and the browser's are a process more: two of a name would hide marks. */
function ownIds(svg: string, chart: string): string {
  return svg.replace(/(\bid="|url\(#)(?=(?:clip|gradient|pattern)\w*["\d)])/g, `$1${chart}-`);
}

/** One run: each verdict in a word, then the reasons. */
function verdictCard(result: RunResult): Markup {
  const health = describeHealth(result);
  const safety = describeSafety(result);
  const tiles = [
    tile('run', health.tone, health.text),
    tile('mutual exclusion', safety.tone, safety.text),
    ...expiredTile(result),
    ...thresholdTile(result),
  ];
  return markup`<div class="verdict ${toneOf(result)}"><ul class="tiles">${tiles}</ul>${paragraphs(reasonsOf(result))}</div>`;
}

/** The word before the colon is the verdict, the rest says why. */
function tile(name: string, tone: Tone, text: string): Markup {
  const [word = '', ...why] = text.split(': ');
  const rest = why.length === 0 ? markup`` : markup`<span class="why">${why.join(': ')}</span>`;
  return markup`<li class="${tone}"><span class="what">${name}</span> <strong>${word}</strong> ${rest}</li>`;
}

function expiredTile(result: RunResult): Markup[] {
  const count = formatCount(result.safety.grantedExpired);
  return describeExpiredGrants(result).map(({ tone }) => tile('promises', tone, `${count} granted expired`));
}

function thresholdTile(result: RunResult): Markup[] {
  return describeThresholds(result).map(({ tone, text }) => tile('thresholds', tone, text));
}

function describeThresholds({ thresholds }: RunResult): VerdictLine[] {
  if (thresholds.length === 0) return [];
  const passed = thresholds.filter((threshold) => threshold.passed).length;
  const isGood = passed === thresholds.length;
  const text = isGood
    ? `${formatCount(passed)} of ${formatCount(thresholds.length)} passed`
    : `${formatCount(thresholds.length - passed)} of ${formatCount(thresholds.length)} crossed`;
  return [{ tone: isGood ? 'good' : 'bad', text }];
}

/** One of several runs. */
function verdictLine(result: RunResult, name: string): Markup {
  const health = describeHealth(result);
  const safety = describeSafety(result);
  const thresholds = describeThresholds(result).map(({ text }) => markup` · thresholds: <strong>${text}</strong>`);
  return markup`<div class="verdict ${toneOf(result)}"><p>${name}<strong>${health.text}</strong> · mutual exclusion: <strong>${safety.text}</strong>${thresholds}</p>${paragraphs(reasonsOf(result))}</div>`;
}

/** Whether nothing at all is to be said against a run; that its history agrees is no objection. */
export function isQuiet(result: RunResult): boolean {
  return toneOf(result) === 'good' && objectionsOf(result).length === 0;
}

function toneOf(result: RunResult): Tone {
  return worst([
    describeHealth(result).tone,
    describeSafety(result).tone,
    describeLeaks(result).tone,
    ...[...describeExpiredGrants(result), ...describeHistory(result), ...describeThresholds(result)].map(
      (line) => line.tone,
    ),
    result.lock.isUnsafe || result.incidents.length > 0 ? 'warning' : 'good',
  ]);
}

function objectionsOf(result: RunResult): string[] {
  const leaks = describeLeaks(result);
  return [
    ...describeFlaw(result),
    ...result.health.reasons,
    ...result.incidents,
    ...describeExpiredGrants(result).map(({ text }) => text),
    ...(leaks.tone === 'good' ? [] : [`leak audit: ${leaks.text}`]),
  ];
}

function reasonsOf(result: RunResult): string[] {
  return [...objectionsOf(result), ...describeHistory(result).map(({ text }) => `history: ${text}`)];
}

function paragraphs(texts: readonly string[]): Markup[] {
  return texts.map((text) => markup`<p>${text}</p>`);
}

function worst(tones: readonly Tone[]): Tone {
  if (tones.includes('bad')) return 'bad';
  return tones.includes('warning') ? 'warning' : 'good';
}
