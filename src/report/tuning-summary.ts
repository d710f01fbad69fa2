/**
 * A tuning for the terminal: what is recommended, why, and what each setting trades.
 *
 * @module
 */
import type { TuneStage, TuningReport } from '../model/tuning.js';
import { fileLines } from './file-lines.js';
import { alignColumns, fitNames, labelled, paint, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';
import { findingLines } from './told-findings.js';
import {
  describeAvailability,
  describeTuning,
  namePoint,
  nameSetting,
  STAGE_COLUMNS,
  untoldSentences,
} from './tuning-words.js';
import { ROLE_MARKS, roledPoints } from './charts/tuning-frame.js';

/** The summary of a tuning; a broken promise stands in its first line, otherwise the settings. Ends without a line feed. */
export function renderTuningSummary(report: TuningReport, style: Style, files: readonly string[] = []): string {
  const { violations, statements, flags, status } = report;
  // What is recommended stands above the findings already.
  const isTold = (statement: string): boolean =>
    violations.includes(statement) || (flags !== null && statement.includes(flags));
  const rest = statements.filter((statement) => !isTold(statement));
  const availability = describeAvailability(report);
  return [
    ...violations.flatMap((text, index) => labelled(index === 0 ? 'violation' : '', text, style, 'bad')),
    ...labelled('use', flags ?? 'nothing is recommended', style, flags === null ? 'warning' : 'strong'),
    ...findingLines({ ...report, statements: rest, violations: [] }, style),
    ...labelled('tuned', describeTuning(report), style, status === 'complete' ? 'plain' : 'warning'),
    ...report.stages.flatMap((stage) => stageLines(report, stage, style)),
    ...(availability === undefined ? [] : ['', ...labelled('quorum', availability, style)]),
    ...untoldSentences(report, report.confirmation?.sentences ?? []).flatMap((text, index) =>
      labelled(
        index === 0 ? 'run again' : '',
        text,
        style,
        report.confirmation?.isConfirmed === true ? 'plain' : 'warning',
      ),
    ),
    ...fileLines(files, style),
  ].join('\n');
}

function stageLines(report: TuningReport, stage: TuneStage, style: Style): string[] {
  const untold = untoldSentences(report, stage.because);
  const because = untold.flatMap((text, index) => labelled(index === 0 ? 'because' : '', text, style));
  const title = labelled(stage.label, stage.load, style, 'faint');
  const heading = stage.label.length > LABEL_ROOM ? [paint(style, 'faint', `${stage.label}: ${stage.load}`)] : title;
  if (stage.points.length === 0) return ['', ...heading, ...because];
  const columns = STAGE_COLUMNS[stage.name];
  const rows = roledPoints(report, stage).map(({ point, role }): Cell[] => {
    const name = namePoint(report, stage, point);
    const mark = role === 'recommended' ? '→ ' : role === 'confirmation' ? '↻ ' : role === 'left-out' ? '× ' : '  ';
    const isBroken = point.safety === 'violation';
    return [
      {
        text: `${mark}${name}${isBroken ? ' VIOLATED' : ''}`,
        emphasis: isBroken ? 'bad' : role === 'recommended' ? 'good' : role === 'left-out' ? 'faint' : 'plain',
      },
      ...columns.map((column) => column.cell(point)),
    ];
  });
  const names = header('  setting', ...columns.map((column) => column.name));
  const roles = new Set(roledPoints(report, stage).map(({ role }) => role));
  const legend = [
    ...(roles.has('recommended') ? [`→ ${ROLE_MARKS.recommended.word}`] : []),
    ...(roles.has('confirmation') ? [`↻ ${ROLE_MARKS.confirmation.word}`] : []),
    ...(roles.has('left-out') ? [`× ${ROLE_MARKS['left-out'].word}`] : []),
  ].join(' · ');
  const leftOut = stage.points.flatMap(({ leftOut: why, settings }) => {
    const setting = nameSetting(stage.name, settings);
    const isTold = report.warnings.some(
      (warning) => warning.startsWith(`${stage.label} `) && warning.includes(`is left out: ${why ?? ''}`),
    );
    return why === null || isTold ? [] : labelled('left out', `${setting}: ${why}`, style);
  });
  return [
    '',
    ...heading,
    ...alignColumns(fitNames([names, ...rows], style), 1, style),
    ...(legend === '' ? [] : [paint(style, 'faint', `  ${legend}`)]),
    ...leftOut,
    ...because,
  ];
}

/** A label of more characters than this stands in the line of its text. */
const LABEL_ROOM = 10;
