/**
 * One page for a gate: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { GateReport } from '../model/gate.js';
import { chartsOfGate } from './gate-charts.js';
import { countedComparison } from './gate-rows.js';
import { armSection } from './page/arm-tables.js';
import { methodSection } from './page/comparison-method.js';
import { decisionSection, outcomeSection, ruleSection } from './page/gate-sections.js';
import { markup } from './page/markup.js';
import { renderPage } from './page/page-shell.js';

/** Renders the page: the outcome and why, what decided, the charts, then the comparison behind it. */
export function renderGateReport(report: GateReport): Promise<string> {
  const comparison = countedComparison(report);
  return renderPage({
    title: report.title,
    charts: chartsOfGate(report),
    verdict: outcomeSection(report),
    answer: decisionSection(report),
    details: markup`${armSection(comparison)}${methodSection(comparison)}${ruleSection(report)}`,
  });
}
