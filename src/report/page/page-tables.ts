/**
 * The tables of the page.
 *
 * @module
 */
import { formatCount } from '../../model/figure-text.js';
import type { LatencySummary } from '../../model/histogram.js';
import type { RunResult } from '../../model/result.js';
import { formatIfCounted, formatQuantile } from '../figures.js';
import { describeThresholdValue } from '../verdicts.js';
import { markup, trusted, type Content, type Markup } from './markup.js';

/** The columns p50 to max of a distribution. */
export function quantiles(summary: LatencySummary): string[] {
  return [
    formatQuantile(summary.p50Ns, 0.5, summary),
    formatQuantile(summary.p90Ns, 0.9, summary),
    formatQuantile(summary.p99Ns, 0.99, summary),
    formatQuantile(summary.p999Ns, 0.999, summary),
    formatIfCounted(summary.maxNs, summary.count),
  ];
}

/** A table, scrolled sideways where it is wider than the page: figures to the right, words to the left and wrapped. */
export function table(
  names: readonly string[],
  rows: readonly Markup[],
  kind: 'figures' | 'words' = 'figures',
): Markup {
  const heads = names.map((name) => (name === '' ? markup`<td></td>` : markup`<th scope="col">${name}</th>`));
  return markup`<div class="scroll"><table class="${kind}"><thead><tr>${heads}</tr></thead><tbody>${rows.map(scoped)}</tbody></table></div>`;
}

/** The names of rows say so to readers of the screen; one that spans the row heads the rows below it. */
function scoped({ html }: Markup): Markup {
  return trusted(html.replace(/<th(?=[ >])(?![^>]*colspan)/g, '<th scope="row"'));
}

/** A table of names and what they are. */
export function wordTable(rows: readonly (readonly [string, Content])[]): Markup {
  return markup`<div class="scroll"><table class="words"><tbody>${rows.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table></div>`;
}

/** What the thresholds of a run measured; nothing when it has none. */
export function thresholdTable({ thresholds }: RunResult): Markup {
  if (thresholds.length === 0) return markup``;
  const rows = thresholds.map(
    (threshold) =>
      markup`<tr><th>${threshold.expression}</th><td>${describeThresholdValue(threshold)}</td><td class="${threshold.passed ? 'good' : 'bad'}">${threshold.passed ? 'passed' : 'crossed'}</td></tr>`,
  );
  return table(['threshold', 'measured', 'verdict'], rows);
}

/** Every distribution of times of a run. */
export function timesTable({ acquire, release, hold, handoff }: RunResult): Markup {
  const row = (name: string, meaning: string, summary: LatencySummary): Markup => {
    const cells = [...quantiles(summary), formatCount(summary.count)].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th>${name}</th>${cells}<td class="what">${meaning}</td></tr>`;
  };
  return table(
    ['time', 'p50', 'p90', 'p99', 'p99.9', 'max', 'count', 'from and to'],
    [
      row('response', 'intended start to granted', acquire.response),
      row('service', 'actual start to granted', acquire.service),
      row('schedule delay', 'intended start to actual start', acquire.scheduleDelay),
      row('gave up', 'intended start to the end of waiting in vain', acquire.gaveUp),
      row('release', 'begin of the release to its answer', release),
      row('hold', 'granted to begin of the release', hold),
      row('handoff', 'release by one holder to grant for a waiting next one', handoff),
    ],
  );
}
