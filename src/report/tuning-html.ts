/**
 * One page for a tuning: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { TuningReport } from '../model/tuning.js';
import { renderPage } from './page/page-shell.js';
import { recommendationSection, stageSections } from './page/tuning-sections.js';
import { verdictBlocks } from './page/verdict-blocks.js';
import { chartsOfStage } from './tuning-charts.js';
import { describeTuning, toneOfTuning } from './tuning-words.js';

/** Renders the page: what was found, what to mind, the settings, then each stage with its figures and its charts. */
export function renderTuningReport(report: TuningReport): Promise<string> {
  const owned = report.stages.map((stage) => ({ stage, charts: chartsOfStage(report, stage) }));
  const owners = owned.flatMap(({ stage, charts }) => charts.map(() => stage));
  return renderPage({
    title: report.title,
    subtitle: describeTuning(report),
    charts: owned.flatMap(({ charts }) => charts),
    verdict: verdictBlocks(report, toneOfTuning(report), report.status),
    answer: recommendationSection(report),
    details: (figures) => stageSections(report, (stage) => figures.filter((_, index) => owners[index] === stage)),
  });
}
