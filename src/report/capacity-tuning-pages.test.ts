import { describe, expect, it } from 'vitest';
import { chartsOfCapacity } from './capacity-charts.js';
import { renderCapacityReport } from './capacity-html.js';
import { orderOnPage, wordsOfPage } from './chart-checks.fixture.js';
import { brokenCapacity, emptyCapacity, sampleCapacity } from './sample-capacity.fixture.js';
import { brokenTuning, refusedTuning, sampleTuning } from './sample-tuning.fixture.js';
import { chartsOfTuning } from './tuning-charts.js';
import { renderTuningReport } from './tuning-html.js';

const [capacity, broken, empty, tuning, brokenTuned, refused] = await Promise.all([
  renderCapacityReport(sampleCapacity()),
  renderCapacityReport(brokenCapacity()),
  renderCapacityReport(emptyCapacity()),
  renderTuningReport(sampleTuning()),
  renderTuningReport(brokenTuning()),
  renderTuningReport(refusedTuning()),
]);

describe('the page of a search for capacity', () => {
  it('says what was found, what to mind, the answer, the charts, the steps, the method', () => {
    const order = [
      'class="verdict warning"',
      'These masters serve between',
      'before you believe it',
      '<p class="rate">4,757/s to 4,968/s',
      '>Charts</h2>',
      '>Steps</h2>',
      '>How it was searched</h2>',
    ];
    expect(orderOnPage(capacity, order)).toEqual(order);
  });

  it('lists every step with why it counted as it did, its folder and its evidence', () => {
    for (const { directory, seed } of sampleCapacity().steps) {
      expect(capacity).toContain(`<td>${directory!}</td>`);
      expect(capacity).toContain(`<td>${String(seed)}</td>`);
    }
    expect(wordsOfPage(capacity)).toContain('acquire.response: p(99)&lt;10ms: 14.0 ms, missed');
  });

  it('puts a broken promise first, in bold and in red', () => {
    expect(broken).toMatch(/<div class="verdict bad"><p><strong>hasty 2\.1\.0 broke mutual exclusion/);
    expect(broken).toContain('exclusion VIOLATED 3×');
  });
});

describe('the page of a tuning', () => {
  it('says the settings as flags, then each stage with its table and its charts', () => {
    const order = [
      'Recommended for this network',
      '<p class="rate">--node-timeout 33ms --ttl 1s',
      '>per-node timeout</h2>',
      'data-chart="node-timeout-frontier"',
      '>wait before a retry</h2>',
      'data-chart="retry-frontier"',
      '>ttl</h2>',
      'data-chart="ttl-frontier"',
      '>How it was decided</h2>',
    ];
    expect(orderOnPage(tuning, order)).toEqual(order);
  });

  it('marks the recommended row of each stage', () => {
    expect(
      tuning.match(/<tr class="primary"><th scope="row">[^<]+<\/th><td class="good">recommended<\/td>/g),
    ).toHaveLength(3);
    expect(tuning).toContain('<td class="faint">recommendation, run again</td>');
    expect(brokenTuned).toContain('exclusion VIOLATED 2×');
  });
});

describe('both pages', () => {
  it('carry a still picture of every chart', () => {
    const figures = (page: string): unknown[] =>
      [...page.matchAll(/<div class="chart still" data-chart="([^"]+)"[^>]*><svg/g)].map((match) => match[1]);
    expect(figures(capacity)).toEqual(chartsOfCapacity(sampleCapacity()).map(({ name }) => name));
    expect(figures(tuning)).toEqual(chartsOfTuning(sampleTuning()).map(({ name }) => name));
  });

  it('show nothing of the data as markup', () => {
    for (const page of [broken, brokenTuned]) {
      expect(page).toContain('<h1>&lt;/script&gt;&lt;b&gt;&amp;&quot;&#39;</h1>');
      expect(page.match(/<script>/g)).toHaveLength(4);
    }
  });

  it('invent no figure, and never say that a lock is safe or correct', () => {
    for (const page of [capacity, broken, empty, tuning, brokenTuned, refused]) {
      const words = wordsOfPage(page);
      expect(/NaN|Infinity|undefined|\bnull\b/.exec(words)?.[0]).toBeUndefined();
      expect(/(?<!un)\bsafe\b|\bcorrect\b/i.exec(words)?.[0]).toBeUndefined();
    }
    expect(wordsOfPage(empty)).toContain('No step was over.');
    expect(wordsOfPage(refused)).toContain('nothing is recommended');
  });
});
