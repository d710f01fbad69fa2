/**
 * A tuning on its page: the recommended settings, each stage with its figures, and how it was decided.
 *
 * @module
 */
import { formatCount } from '../../model/figure-text.js';
import type { TunePoint, TuneStage, TuningReport } from '../../model/tuning.js';
import { ROLE_MARKS, roledPoints, type RoledPoint } from '../charts/tuning-frame.js';
import { formatPercent } from '../effect-words.js';
import { NONE } from '../figures.js';
import {
  ALL_COLUMNS,
  COLUMN_MEANINGS,
  describeAvailability,
  describeNetwork,
  namePoint,
  untoldSentences,
  type PointColumn,
} from '../tuning-words.js';
import { markup, type Markup } from './markup.js';
import { table, wordTable } from './page-tables.js';

/** The settings as flags to copy, and what they cost in availability. */
export function recommendationSection(report: TuningReport): Markup {
  const { flags, confirmation, network } = report;
  const availability = describeAvailability(report);
  return markup`<p class="rate">${flags ?? 'nothing is recommended'}</p>${wordTable([
    ['network', describeNetwork(network)],
    ...(availability === undefined ? [] : [['quorum', availability] as const]),
    ...untoldSentences(report, confirmation?.sentences ?? []).map((text) => ['run again', text] as const),
  ])}`;
}

/** Each stage with its charts and its points, then the rules. */
export function stageSections(report: TuningReport, figuresOf: (stage: TuneStage) => readonly Markup[]): Markup {
  const stages = report.stages.map((stage) => stageSection(report, stage, figuresOf(stage)));
  return markup`${stages}${methodSection(report)}`;
}

function stageSection(report: TuningReport, stage: TuneStage, figures: readonly Markup[]): Markup {
  const because = stage.because.map((text) => markup`<p>${text}</p>`);
  const heading = markup`<h2>${stage.label}</h2><p class="faint">${stage.load}</p>${because}`;
  if (stage.points.length === 0) return heading;
  const roled = roledPoints(report, stage);
  // What no point of the stage has would only widen the table.
  const columns = ALL_COLUMNS.filter(({ cell }) => roled.some(({ point }) => cell(point).text !== NONE));
  const rows = roled.map((each) => pointRow(report, stage, each, columns));
  const heads = ['setting', 'role', ...columns.map((column) => column.name), 'operations', 'runs'];
  const folders = roled.map(
    ({ point }) =>
      markup`<tr><th>${namePoint(report, stage, point)}</th><td>${point.leftOut ?? 'counts'}</td><td>${point.directories.join(', ') || 'not kept'}</td></tr>`,
  );
  return markup`${heading}${table(heads, rows)}${figures}
<details><summary>what the columns mean</summary>${wordTable(COLUMN_MEANINGS)}</details>
<details><summary>the runs behind each point</summary>${table(['setting', 'counts', 'folders'], folders, 'words')}</details>`;
}

function pointRow(
  report: TuningReport,
  stage: TuneStage,
  { point, role }: RoledPoint,
  columns: readonly PointColumn[],
): Markup {
  const cells = columns.map((column) => markup`<td>${column.cell(point).text}</td>`);
  const isRecommended = role === 'recommended';
  return markup`<tr${isRecommended ? markup` class="primary"` : markup``}><th>${namePoint(report, stage, point)}</th>${roleCell(point, role)}${cells}<td>${formatCount(point.operations)}</td><td>${point.runs}</td></tr>`;
}

function roleCell(point: TunePoint, role: RoledPoint['role']): Markup {
  if (point.safety === 'violation') {
    return markup`<td class="bad">exclusion VIOLATED ${formatCount(point.contractCount)}×</td>`;
  }
  const tone = role === 'recommended' ? 'good' : role === 'left-out' ? 'warning' : 'faint';
  return markup`<td class="${tone}">${ROLE_MARKS[role].word}</td>`;
}

function methodSection({ targetSuccess, confirmation }: TuningReport): Markup {
  const again = confirmation === null ? '' : 'The recommended settings were run once more, with another seed. ';
  return markup`<h2>How it was decided</h2><p>One setting was swept after the other, each with real runs through proxies that emulate the network, in interleaved rounds; what was recommended before was kept. The shares have 95 % intervals of Wilson; the success that was asked for is ${formatPercent(targetSuccess)}.
A point is on the frontier when no other one is better in both objectives of its stage, as long as the lock did not break with it and so much was granted that its p99 can be stated. The predictions are order statistics of the round trips that the runs measured, with masters taken as independent; they explain and decide nothing.
${again}What is recommended holds for this network and this load; for another one, tune again.</p>`;
}
