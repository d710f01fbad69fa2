import { describe, expect, it } from 'vitest';
import { renderGateReport } from './gate-html.js';
import { emptyGate, mutedGate, NASTY, nastyGate, sampleGate } from './sample-gate.fixture.js';
import { orderOnPage, withoutScripts, wordsOfPage } from './chart-checks.fixture.js';

const HOSTILE = `</title></script><script>alert(1)</script><img src=x onerror=alert(1)>"'&`;
const regression = await sampleGate('regression');
const pages = {
  regression: await renderGateReport(regression),
  muted: await renderGateReport(await mutedGate()),
  empty: await renderGateReport(await emptyGate()),
  hostile: await renderGateReport({
    ...(await nastyGate()),
    title: HOSTILE,
    statements: [HOSTILE],
    warnings: [HOSTILE],
    base: { kind: 'command', text: HOSTILE, tool: HOSTILE, lock: HOSTILE },
  }),
};

describe('the page of a gate', () => {
  it('says first the outcome and why, then the decision, the charts, the arms, the method', () => {
    const page = pages.regression;
    const order = [
      'class="verdict bad"><p><strong>REGRESSION</strong>: head is worse than base',
      '>Decision</h2>',
      '>Charts</h2>',
      '>Arms</h2>',
      '>Runs</h2>',
      '>How it was decided</h2>',
    ];
    expect(orderOnPage(page, order)).toEqual(order);
  });

  it('gives every metric its medians, its change, what counted and the verdict', () => {
    const words = wordsOfPage(pages.regression);
    expect(words).toContain(
      'p99 response 1.82 ms 2.35 ms +29.5 % [+26.8, +32.2] 0.0078 10 12.4 % (the calibration) regression',
    );
    expect(words).toContain('base command npx redlock-bench@0.1.0, redlock-bench 0.1.0, redlock 0.1.0');
    expect(words).toContain('beside it (decides nothing)');
    expect(words).toContain('12.4 % for p99 response');
    expect(words).toContain('A gate asks less than a comparison');
  });

  it('invents no figure where there is none', () => {
    for (const page of [pages.muted, pages.empty]) {
      expect(wordsOfPage(page)).toMatch(/INVALID \(interrupted after [02] of 10 rounds\) : Nothing was measured\./);
      expect(wordsOfPage(page)).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });

  it('escapes whatever names and sentences hold', () => {
    const page = withoutScripts(pages.hostile);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<b>name</b>');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(NASTY).toContain('<b>');
    expect(page.match(/<script>/g)!.length).toBe(withoutScripts(pages.regression).match(/<script>/g)!.length);
  });

  it('says nothing about anything being safe or correct', () => {
    expect(wordsOfPage(pages.regression)).not.toMatch(/(?<!un)\bsafe\b|\bcorrect\b/i);
  });
});
