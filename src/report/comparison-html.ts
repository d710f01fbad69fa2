/**
 * One page for a comparison: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import { chartsOfComparison } from './comparison-charts.js';
import { armSection } from './page/arm-tables.js';
import { methodSection } from './page/comparison-method.js';
import { effectSection, findingsSection } from './page/effect-tables.js';
import { markup } from './page/markup.js';
import { renderPage } from './page/page-shell.js';

/** Renders the page: what was found, what to mind, the effects, the charts, the arms, and how it was decided. */
export function renderComparisonReport(comparison: Comparison, title: string): Promise<string> {
  return renderPage({
    title,
    charts: chartsOfComparison(comparison),
    verdict: findingsSection(comparison),
    answer: effectSection(comparison),
    details: markup`${armSection(comparison)}${methodSection(comparison)}`,
  });
}
