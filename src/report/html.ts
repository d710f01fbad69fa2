/**
 * One page for one run or several: a file that needs no network, and no script to be read.
 *
 * @module
 */
import { formatThings } from '../model/figure-text.js';
import type { RunResult } from '../model/result.js';
import { chartsOf } from './charts.js';
import { isCrowd } from './charts/many-series.js';
import { markup, type Markup } from './page/markup.js';
import { detailSections } from './page/page-details.js';
import { answerSection, comparisonSection, isQuiet, objectionSection, verdictSection } from './page/page-sections.js';
import { renderPage } from './page/page-shell.js';
import { table } from './page/page-tables.js';
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
    details: isSingle
      ? detailSections(only)
      : (figures, spareCharacters) => markup`<h2>Charts</h2>\n${figures}\n${foldedDetails(results, spareCharacters)}`,
    ...(isSingle ? { stem: only.runId, figures: { name: 'result.json', value: only } } : {}),
  });
}

/** Together the runs of a page show as many intervals as it can carry; of a crowd none is read second by second. */
const INTERVALS_OF_A_PAGE = 900;

function foldedDetails(results: readonly RunResult[], spareCharacters: number): Markup {
  const names = nameRuns(results);
  const mostIntervals = isCrowd(results.length) ? 0 : Math.floor(INTERVALS_OF_A_PAGE / results.length);
  const folds = results.map(
    (result, index) =>
      markup`<details><summary>${names[index]?.label ?? ''}</summary>${objectionSection(result)}${answerSection(result)}${detailSections(result, mostIntervals)}</details>`,
  );
  const kept = fittingFolds(results, folds, spareCharacters - results.length * ROW_CHARACTERS);
  const cut = results.flatMap((result, index) =>
    kept.has(index) ? [] : [markup`<tr><th>${names[index]?.label ?? ''}</th><td>${result.runId}</td></tr>`],
  );
  const rest =
    cut.length === 0
      ? markup``
      : markup`<p>${formatThings(cut.length, 'run')} more would make this page too heavy; <code>redlock-bench report FOLDER</code> shows each:</p>${table(['run', 'id'], cut, 'words')}`;
  return markup`<h2>Run by run</h2>${folds.filter((_, index) => kept.has(index))}${rest}`;
}

/** Of a run whose fold is left out. */
const ROW_CHARACTERS = 200;

/** The folds that the page has room for: of runs with something to be said against them first. */
function fittingFolds(
  results: readonly RunResult[],
  folds: readonly Markup[],
  mostCharacters: number,
): ReadonlySet<number> {
  const places = [...results.keys()];
  const isLoud = (place: number): boolean => results.slice(place, place + 1).some((result) => !isQuiet(result));
  const kept = new Set<number>();
  let characters = 0;
  for (const place of [...places.filter(isLoud), ...places.filter((each) => !isLoud(each))]) {
    characters += folds[place]?.html.length ?? 0;
    if (characters > mostCharacters) break;
    kept.add(place);
  }
  return kept;
}
