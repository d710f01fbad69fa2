/**
 * One page for one run or several: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';
import { chartsOf } from './charts.js';
import { isCrowd } from './charts/many-series.js';
import { markup, type Markup } from './page/markup.js';
import { detailSections } from './page/page-details.js';
import { answerSection, comparisonSection, verdictSection } from './page/page-sections.js';
import { renderPage } from './page/page-shell.js';
import { nameRuns } from './run-names.js';

/** Renders the page. Its charts are drawn anew in the browser, with tooltips; without scripts still pictures remain. */
export function renderReport(results: readonly RunResult[], title: string): Promise<string> {
  const [only] = results;
  const isSingle = results.length === 1 && only !== undefined;
  return renderPage({
    title,
    charts: chartsOf(results),
    verdict: verdictSection(results),
    answer: isSingle ? answerSection(only) : comparisonSection(results),
    details: isSingle ? detailSections(only) : foldedDetails(results),
    ...(isSingle ? { stem: only.runId, figures: { name: 'result.json', value: only } } : {}),
  });
}

/** Together the runs of a page show as many intervals as it can carry; of a crowd none is read second by second. */
const INTERVALS_OF_A_PAGE = 900;

function foldedDetails(results: readonly RunResult[]): Markup {
  const names = nameRuns(results);
  const mostIntervals = isCrowd(results.length) ? 0 : Math.floor(INTERVALS_OF_A_PAGE / results.length);
  const folds = results.map(
    (result, index) =>
      markup`<details><summary>${names[index]?.label ?? ''}</summary>${answerSection(result)}${detailSections(result, mostIntervals)}</details>`,
  );
  return markup`<h2>Run by run</h2>${folds}`;
}
