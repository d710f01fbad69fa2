/**
 * One page for a search for capacity: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { CapacityReport } from '../model/capacity.js';
import { chartsOfCapacity } from './capacity-charts.js';
import { describeSearch, toneOfCapacity } from './capacity-words.js';
import { capacityAnswerSection, capacityDetailSections } from './page/capacity-sections.js';
import { renderPage } from './page/page-shell.js';
import { verdictBlocks } from './page/verdict-blocks.js';

/** Renders the page: what was found, what to mind, the answer, the charts, every step, and how it was searched. */
export function renderCapacityReport(report: CapacityReport): Promise<string> {
  return renderPage({
    title: report.title,
    subtitle: describeSearch(report),
    charts: chartsOfCapacity(report),
    verdict: verdictBlocks(report, toneOfCapacity(report), report.status),
    answer: capacityAnswerSection(report),
    details: capacityDetailSections(report),
  });
}
