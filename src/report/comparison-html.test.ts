import { describe, expect, it } from 'vitest';
import type { Comparison } from '../model/comparison.js';
import { chartsOfComparison } from './comparison-charts.js';
import { renderComparisonReport } from './comparison-html.js';
import { lonelyComparison, mutedComparison, sampleComparison } from './sample-comparison.fixture.js';
import { orderOnPage, withoutScripts, wordsOfPage } from './chart-checks.fixture.js';

const HOSTILE = `</title></script><script>alert(1)</script><img src=x onerror=alert(1)>"'&`;
const sample = await sampleComparison();
const lonely = await lonelyComparison();
const hostile: Comparison = {
  ...lonely,
  statements: [HOSTILE],
  warnings: [HOSTILE],
  factors: [{ name: HOSTILE, levels: [HOSTILE, 'b'], isCondition: false }],
  arms: lonely.arms.map((arm) => ({
    ...arm,
    name: HOSTILE,
    lock: HOSTILE,
    runs: arm.runs.map((run) => ({ ...run, directory: HOSTILE, leftOut: HOSTILE })),
  })),
};
const loud: Comparison = {
  ...sample,
  warnings: [],
  arms: sample.arms.map((arm) => ({
    ...arm,
    runs: arm.runs.map((run) => ({
      ...run,
      health: 'suspect',
      isRateLowerBound: true,
      crossed: ['acquire.response: p(99)<1ms'],
    })),
  })),
};
const [page, loudPage, mutedPage, lonelyPage, hostilePage] = await Promise.all([
  renderComparisonReport(sample, 'sample'),
  renderComparisonReport(loud, 'loud'),
  renderComparisonReport(await mutedComparison(), 'muted'),
  renderComparisonReport(lonely, 'lonely'),
  renderComparisonReport(hostile, HOSTILE),
]);

describe('the page of a comparison', () => {
  it('says first what was found, then what to mind, the effects, the charts, the arms, the runs, the method', () => {
    const order = [
      'class="verdict bad"',
      'hasty, N=5 broke mutual exclusion',
      'class="verdict warning"',
      '>Effects</h2>',
      '>Charts</h2>',
      '>Arms</h2>',
      '>Runs</h2>',
      '>How it was decided</h2>',
    ];
    expect(orderOnPage(page, order)).toEqual(order);
  });

  it('stays below 1.5 MB with its libraries', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(1_500_000);
  });

  it('carries a still picture of every chart, and the spec to draw it anew', () => {
    const names = chartsOfComparison(sample).map(({ name }) => name);
    const figures = [...page.matchAll(/<div class="chart still" data-chart="([^"]+)"[^>]*><svg/g)].map(
      (match) => match[1],
    );
    expect(figures).toEqual(names);
  });

  it('asks nothing of a network, and shows nothing of the data as markup', () => {
    for (const text of [page, hostilePage]) {
      expect(withoutScripts(text)).not.toMatch(
        /<(link|img|iframe|object|embed|base)\b|<[^>"]*(?:"[^"]*"[^>"]*)*\s(?:src=|href=(?!"#))/i,
      );
      expect(text).toContain('content="default-src &#39;none&#39;; script-src &#39;sha256-');
      expect(text.match(/<script>/g)).toHaveLength(4);
    }
    expect(withoutScripts(hostilePage)).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it('gives every contrast its verdict on what decides, in words and in colour', () => {
    expect(page).toContain(
      '<tr><th scope="row">N=3 against N=1, redlock</th><td class="warning">0.916 inconclusive</td>' +
        '<td class="plain">1.01 no difference</td><td class="good">0.675 better</td>',
    );
    expect(page).toContain('<td class="bad">0.853 worse</td>');
    expect(wordsOfPage(page)).toContain(
      'p99 response 3.66 ms 2.47 ms 0.675 [0.619, 0.727] 0.0039 0.016 9 better share acquired (odds)',
    );
  });

  it('lists every run with its folder, its seed, its health, and why it is left out', () => {
    const [arm] = sample.arms.filter((each) => each.runs.some((run) => run.leftOut !== null));
    const out = arm!.runs.find((run) => run.leftOut !== null)!;
    expect(page).toContain(`<summary>${arm!.name}: 10 runs, 1 left out</summary>`);
    const row = page.split('<tr>').find((each) => each.includes(out.directory!)) ?? '';
    expect(row).toContain('<th scope="row">round 4</th>');
    expect(row).toContain(`<td>${String(out.seed)}</td>`);
    expect(row).toContain('<td>invalid</td>');
    expect(row).toContain(`<td>${out.leftOut!}</td>`);
    for (const { directory } of sample.arms.flatMap((each) => each.runs))
      expect(page).toContain(`<td>${directory!}</td>`);
  });

  it('says of each arm what was seen of mutual exclusion, and how many shares lie behind the odds', () => {
    expect(page).toContain('<tr><th scope="row">hasty, N=5 (unsafe)</th><td class="bad">VIOLATED in 3 of 10</td>');
    expect(page).toContain('<tr><th scope="row">redlock, N=1</th><td class="plain">none observed</td>');
    expect(wordsOfPage(page)).toMatch(/9\d\.\d+ % → 9\d\.\d+ %, odds 0\.\d+ worse/);
  });

  it('gives metrics that decide nothing a heading that says so, and no colour', () => {
    const [fold] = page.split('</details>').filter((each) => each.includes('every metric, by lock'));
    const rows = fold!.split('<tr').filter((row) => row.includes('<th scope="row">client CPU each</th>'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => !row.includes('<td class="faint">'))).toEqual([]);
    expect(wordsOfPage(page)).toContain('beside it (decides nothing)');
  });

  it('marks rates that the generator limited, and names the flaws and crossed thresholds that no warning names', () => {
    const bounded = wordsOfPage(loudPage);
    expect(bounded).toMatch(/redlock, N=1 10 of 10 ≥ 1,\d+\/s ≥ 1,\d+–1,\d+ /);
    expect(bounded).toMatch(/acquisitions\/s ≥ 1,\d+\/s ≥ 1,\d+\/s /);
    expect(bounded).toContain('hasty 2.1.0 (unsafe): it never asks how long it waited');
    expect(loudPage).toContain('<td>acquire.response: p(99)&lt;1ms</td>');
    expect(wordsOfPage(page)).not.toMatch(/≥|thresholds crossed/);
  });

  it('says how it was decided', () => {
    const words = wordsOfPage(page);
    expect(words).toContain('The unit of analysis is the run, never the request.');
    for (const each of ['Hodges and Lehmann', 'Wilcoxon signed rank', 'Holm', 'paired', 'inconclusive']) {
      expect(words.slice(words.indexOf('How it was decided'))).toContain(each);
    }
    expect(words).toContain('5 % for acquisitions/s, 5 % for p50 response, 10 % for p99 response');
  });

  it('never says that a lock is safe or correct', () => {
    for (const text of [page, mutedPage, lonelyPage]) {
      expect(/(?<!un)\bsafe\b|\bcorrect\b/i.exec(wordsOfPage(text))?.[0]).toBeUndefined();
    }
  });

  it('says why where there is nothing to show', () => {
    expect(wordsOfPage(lonelyPage)).toContain('There is nothing to hold an arm against, so nothing was compared.');
    expect(mutedPage).toContain('<td class="faint">not compared</td>');
    expect(wordsOfPage(mutedPage)).toContain('interrupted');
    expect(mutedPage).toContain('<tr><th scope="row">redlock, N=1</th><td class="warning">unknown in 2</td><td>0</td>');
    expect(wordsOfPage(mutedPage)).not.toContain('none observed');
    expect(wordsOfPage(mutedPage)).not.toMatch(/NaN|Infinity|undefined/);
  });
});
