import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chartsOf } from './charts.js';
import { renderReport } from './html.js';
import { orderOnPage, wordsOfPage } from './chart-checks.fixture.js';
import type { RunResult } from '../model/result.js';
import { scriptText } from './page/markup.js';
import { objectionSection, verdictSection } from './page/page-sections.js';
import { comparedRuns, nastyRun, openLoopRun } from './sample-runs.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

const HOSTILE = `</title></script><script>alert(1)</script><img src=x onerror=alert(1)>"'&`;
const open = openLoopRun();
const compared = comparedRuns();
const { result: plain } = simulateRun({
  perInterval: 30,
  scenario: { endpoints: [`redis://host/${HOSTILE}`], lock: HOSTILE, name: HOSTILE },
});
const hostile = {
  ...plain,
  incidents: [HOSTILE],
  environment: { ...plain.environment, cpuModel: HOSTILE },
  health: { ...plain.health, verdict: 'suspect' as const, reasons: [HOSTILE] },
  thresholds: [{ expression: HOSTILE, value: 1, passed: false }],
};
const [openPage, comparedPage, hostilePage] = await Promise.all([
  renderReport([open], 'open loop'),
  renderReport(compared, 'side by side'),
  renderReport([hostile], HOSTILE),
]);

/** The page without the libraries that it carries, whose code holds every word there is. */
function withoutScripts(page: string): string {
  return page.replace(/<script>[\s\S]*?<\/script>/g, '<script></script>');
}

function jsonOf(page: string, id: string): unknown {
  const text = new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, 's').exec(page)?.[1];
  return JSON.parse(text ?? 'null');
}

describe('the page', () => {
  it('asks nothing of a network: no address is loaded, and its policy would forbid it', () => {
    for (const page of [openPage, comparedPage, hostilePage]) {
      expect(withoutScripts(page)).not.toMatch(
        /<(link|img|iframe|object|embed|base)\b|<[^>"]*(?:"[^"]*"[^>"]*)*\s(?:src=|href=(?!"#))/i,
      );
      expect(page).not.toContain('sourceMappingURL');
      expect(page).toContain('content="default-src &#39;none&#39;; script-src &#39;sha256-');
    }
  });

  it('allows exactly the scripts and the style that it carries, by their digests', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(openPage)?.[1] ?? '';
    const allowed = [...policy.matchAll(/sha256-([\w+/=]+)/g)].map((match) => match[1]);
    const carried = [...openPage.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)].map((match) =>
      createHash('sha256')
        .update(match[2] ?? '')
        .digest('base64'),
    );
    expect(carried).toHaveLength(5);
    expect([...carried].sort()).toEqual([...allowed].sort());
  });

  it('stays below 1.5 MB', () => {
    expect([openPage, comparedPage].map((page) => Buffer.byteLength(page) < 1_500_000)).toEqual([true, true]);
  });

  it('shows nothing of the data as markup', () => {
    const page = withoutScripts(hostilePage);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('alert(1)</script>');
    expect(page.match(/<script>/g)).toHaveLength(4);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(JSON.stringify(jsonOf(hostilePage, 'specs'))).toContain('<img src=x');
  });

  it('begins with the verdicts, then answers, then draws', () => {
    const order = [
      'class="verdict',
      '487/s',
      '>Charts</h2>',
      '>Scenario</h2>',
      '>Environment</h2>',
      '>Masters</h2>',
      '>Raw numbers</h2>',
    ];
    expect(orderOnPage(openPage, order)).toEqual(order);
    expect(wordsOfPage(openPage)).toContain(
      'run valid mutual exclusion no overlap none observed in 4,870 holds thresholds 1 of 1 passed',
    );
  });

  it('carries a still picture of every chart, and the spec to draw it anew', () => {
    for (const [page, runs] of [
      [openPage, [open]],
      [comparedPage, compared],
    ] as const) {
      const names = chartsOf(runs).map(({ name }) => name);
      const figures = [...page.matchAll(/<div class="chart still" data-chart="([^"]+)"[^>]*><svg/g)].map(
        (match) => match[1],
      );
      expect(figures).toEqual(names);
      expect(Object.keys(jsonOf(page, 'specs') as object)).toEqual(names);
    }
    expect(Object.keys(jsonOf(openPage, 'themes') as object)).toEqual(['light', 'dark', 'vega', 'alarms']);
  });

  it('never says that a lock is safe or correct', () => {
    const words = [openPage, comparedPage].map((page) => withoutScripts(page).replace(/<[^>]*>/g, ' '));
    expect(words.map((text) => /\b(safe|correct)\b/i.exec(text)?.[0])).toEqual([undefined, undefined]);
  });

  it('gives runs with nothing to object to one line, and the others one each', async () => {
    expect(comparedPage.match(/class="verdict/g)).toHaveLength(1);
    expect(comparedPage).toContain('6 of 6 runs: <strong>valid</strong>');
    const mixed = await renderReport([...compared.slice(0, 2), nastyRun()], 'mixed');
    expect(mixed.match(/class="verdict (bad|good)/g)).toEqual(['class="verdict bad', 'class="verdict good']);
    expect(mixed).toContain('2 of 3 runs: <strong>valid</strong>');
  });
});

describe('a page of several runs', () => {
  const [quiet, other] = compared as [RunResult, RunResult, ...RunResult[]];
  const safety = quiet.safety;
  const history = {
    operations: 10,
    holds: 9,
    contractCount: 0,
    overruns: 0,
    grantedExpired: 0,
    unchecked: 1,
    agreesWithWitness: true,
  };
  it.each<[string, Partial<RunResult>, string]>([
    [
      'a crossed threshold',
      { thresholds: [{ expression: 'acquire.p99<1ms', value: 2, passed: false }] },
      '1 of 1 crossed',
    ],
    ['expired grants', { safety: { ...safety, grantedExpired: 5 } }, '5 locks granted after the end'],
    ['overruns', { safety: { ...safety, overruns: 7 } }, '7 overruns'],
    ['an incident', { incidents: ['the log is torn'] }, 'the log is torn'],
    ['a doubtful history', { safety: { ...safety, history } }, '1 not compared'],
    ['keys without ttl', { safety: { ...safety, leakedKeys: 3, keysWithoutTtl: 2 } }, '2 of them without ttl'],
  ])('gives a line to %s, and says it in the fold of its run', async (_, changes, words) => {
    const { html } = verdictSection([{ ...quiet, ...changes }, other]);
    expect(html).toMatch(/class="verdict (bad|warning)"[\s\S]*class="verdict good"><p>1 of 2 runs/);
    expect(html).toContain(words);
    const alone = objectionSection({ ...quiet, ...changes }).html;
    if (!words.includes('overruns')) expect(alone).toContain(words.replace('1 of 1 ', ''));
  });

  it('keeps a run whose history agrees among the quiet ones', () => {
    const agreeing = { ...quiet, safety: { ...safety, history: { ...history, unchecked: 0 } } };
    expect(verdictSection([agreeing, other]).html).toContain('2 of 2 runs');
  });

  it('has the thresholds of each run in its fold', async () => {
    const thresholds = [{ expression: 'acquire.p99<1h', value: 2, passed: true }];
    expect(await renderReport([{ ...quiet, thresholds }, other], 'two')).toContain('acquire.p99&lt;1h');
  });
});

describe('a library in a script element', () => {
  it('cannot end it, open a comment, or ask for its source map', () => {
    const source = 'a = "</script>"; b = "<!--";\n//# sourceMappingURL=x.map\n';
    const escaped = scriptText(source);
    expect(escaped).toBe('a = "<\\/script>"; b = "<\\!--";\n');
  });
});
