import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { OperationStatus } from '../model/operation.js';
import { msToNs } from '../model/time.js';
import { renderLiveBlock, type LiveStyle } from './live-block.js';
import type { LiveMaster, LiveSecond, LiveState } from './live-state.js';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './sparkline.js';
import { textWidth } from './text-width.js';

const COUNTS: Readonly<Record<OperationStatus, number>> = {
  acquired: 12_345,
  held: 0,
  expired: 3,
  indeterminate: 12,
  aborted: 0,
  dropped: 40,
  unfinished: 0,
};

/** Thirty seconds, of which three had a fault: half the rate, ten times the response. */
const SECONDS = Array.from({ length: 30 }, (_, index): LiveSecond => {
  const isFaulty = index >= 25 && index < 28;
  const p99Ns = msToNs(isFaulty ? 25 : 2.5);
  return {
    ratePerSecond: isFaulty ? 600 : 1_200,
    response: { p50Ns: msToNs(1), p99Ns, maxNs: 2 * p99Ns },
    missedPerSecond: isFaulty ? 11 : 0,
    isFaulty,
  };
});

function master(number: number, more: Partial<LiveMaster> = {}): LiveMaster {
  return {
    number,
    roundTripP50Ns: msToNs(0.3),
    roundTripP99Ns: msToNs(1.25),
    timeouts: 0,
    errors: 0,
    isTroubled: false,
    vitals: { isReachable: true, cpuShare: 0.43, commandsPerSecond: 24_690 },
    ...more,
  };
}

const STATE: LiveState = {
  title: '[3/30] N=3',
  subject: 'redlock, 3 masters, 1,200/s, uncontended keys',
  whole: undefined,
  phase: '',
  loadedMs: 31_500,
  warmupMs: 1_000,
  durationMs: 60_000,
  seconds: SECONDS,
  counts: COUNTS,
  inFlight: { mean: 1.5, max: 12 },
  generator: {
    busiestLoop: 0.34,
    lateStarts: { starts: 1_200, quantile: 0.99, delayNs: msToNs(0.2) },
    isOpenLoop: true,
  },
  masters: [
    master(1),
    master(2, { timeouts: 61, isTroubled: true, roundTripP50Ns: null, roundTripP99Ns: null }),
    master(3),
  ],
  activeFaults: [],
  nextFault: undefined,
  witnessed: { holds: 12_345, contractCount: 0, overruns: 0 },
};

function lateBy(delayMs: number, starts: number, quantile: number): LiveState['generator'] {
  return { busiestLoop: 0.34, lateStarts: { starts, quantile, delayNs: msToNs(delayMs) }, isOpenLoop: true };
}

function style(columns: number, more: Partial<LiveStyle> = {}): LiveStyle {
  return { columns, rows: 24, color: false, glyphs: UNICODE_GLYPHS, ...more };
}

describe('renderLiveBlock', () => {
  it('shows a run in 80 columns', () => {
    expect(renderLiveBlock(STATE, style(80)).join('\n')).toBe(`\
[3/30] N=3: redlock, 3 masters, 1,200/s, uncontended keys
measuring  ━━━━━━━━━━━━━━━━━━━━━───────────────────  30 s of 60 s, 30 s left
generator  event loop 34 %, starts p99 +200 µs, in flight 1.50, most 12
acquired   1,200/s    ████████████████████████▅▅▅██  most 1,200/s
p99        2.50 ms    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁███▁▁  p50 1.00 ms  max 5.00 ms
no lock    0/s        ························███··
faults     none now                           ▀▀▀
in all     12,345 acquired (99.56 %), 3 expired, 12 indeterminate, 40 dropped
masters      p50      p99  timeouts  errors  commands   CPU
master 1  300 µs  1.25 ms         0       0  24,690/s  43 %
master 2       –        –        61       0  24,690/s  43 %
master 3  300 µs  1.25 ms         0       0  24,690/s  43 %
exclusion  no overlap seen in 12,345 holds`);
  });

  it('shows it in 40 columns', () => {
    expect(renderLiveBlock(STATE, style(40)).join('\n')).toBe(`\
[3/30] N=3: redlock, 3 masters, 1,200/…
measuring  ━━━━━━━━━────────  30 s left
generator  event loop 34 %, starts p99…
acquired   1,200/s    ████████████▅▅▅██
p99        2.50 ms    ▁▁▁▁▁▁▁▁▁▁▁▁███▁▁
no lock    0/s        ············███··
           p50 1.00 ms  max 5.00 ms
faults     none now               ▀▀▀
in all     12,345 acquired (99.56 %)
           3 expired, 12 indeterminate
           40 dropped
masters       p99  lost
master 1  1.25 ms     0
master 2        –    61
master 3  1.25 ms     0
exclusion  no overlap seen in 12,345 h…`);
  });

  it('shows an active fault, the next one, a late generator and a broken lock', () => {
    const state: LiveState = {
      ...STATE,
      whole: 'round 1 of 10, run 3 of 30, about 4m left',
      generator: lateBy(46.8, 1_200, 0.99),
      activeFaults: [{ name: 'kill master=2', sinceMs: 3_210, isInjected: true }],
      nextFault: { name: 'pause master=1', inMs: 4_000 },
      witnessed: { holds: 12_345, contractCount: 2, overruns: 1 },
    };
    const block = renderLiveBlock(state, style(80));
    expect(block[1]).toBe('round 1 of 10, run 3 of 30, about 4m left');
    expect(block[3]).toBe('generator  event loop 34 %, starts LATE p99 +46.8 ms, in flight 1.50, most 12');
    expect(block.filter((line) => /^(faults|fault|next fault) /.test(line))).toEqual([
      'faults     1 now                              ▀▀▀',
      'fault      kill master=2 since 3.2 s',
      'next fault pause master=1 in 4 s',
    ]);
    expect(block.at(-1)).toBe('exclusion  2 OVERLAPS against the contract, 1 overrun, 12,345 holds witnessed');
  });

  it('shows only what is about to happen before the load begins', () => {
    const state = { ...STATE, phase: 'starting 3 masters', loadedMs: undefined, generator: undefined };
    expect(renderLiveBlock(state, style(80))).toEqual([
      '[3/30] N=3: redlock, 3 masters, 1,200/s, uncontended keys',
      'starting 3 masters',
    ]);
  });

  it.each([
    [400, 'warming up', '1 s left of it'],
    [61_500, 'ending', 'draining'],
  ])('says after %i ms that it is %s', (loadedMs, name, time) => {
    const line = renderLiveBlock({ ...STATE, loadedMs }, style(80))[1] ?? '';
    expect(line.startsWith(name)).toBe(true);
    expect(line.endsWith(time)).toBe(true);
  });

  it.each([
    [50, 0.9, 'starts p90 +1.50 ms'],
    [200, 0.99, 'starts p99 +1.50 ms'],
    [5, 0.9, 'starts latest +1.50 ms'],
  ])('says of %i starts a second which of them it shows', (starts, quantile, words) => {
    const [, , line] = renderLiveBlock({ ...STATE, generator: lateBy(1.5, starts, quantile) }, style(80));
    expect(line).toContain(words);
  });

  it('calls nothing late for one start of a few', () => {
    const generator = lateBy(30, 5, 0.9);
    expect(renderLiveBlock({ ...STATE, generator }, style(80))[2]).toContain('starts latest +30.0 ms');
  });

  it('shows a fault that is being injected', () => {
    const activeFaults = [{ name: 'kill master=2', sinceMs: 210, isInjected: false }];
    const block = renderLiveBlock({ ...STATE, activeFaults }, style(80));
    expect(block).toContain('fault      kill master=2 being injected since 0.2 s');
  });

  it.each([
    [
      11,
      ['[3/30]', 'measuring', 'generator', 'acquired', 'p99', 'no lock', 'faults', 'in all', 'next fault', 'exclusion'],
    ],
    [9, ['[3/30]', 'measuring', 'acquired', 'p99', 'no lock', 'in all', 'next fault', 'exclusion']],
    [5, ['[3/30]', 'measuring', 'next fault', 'exclusion']],
    [2, ['exclusion']],
  ])('leaves out in %i rows what matters least, and never the overlaps', (rows, labels) => {
    const state: LiveState = {
      ...STATE,
      whole: 'round 1 of 10',
      seconds: SECONDS,
      nextFault: { name: 'pause master=1', inMs: 4_000 },
      counts: { ...COUNTS, expired: 0, indeterminate: 0, dropped: 0 },
      witnessed: { holds: 12_345, contractCount: 2, overruns: 0 },
    };
    const block = renderLiveBlock(state, style(80, { rows }));
    expect(block.length).toBeLessThan(rows);
    expect(block.map((line) => labels.find((label) => line.startsWith(label)))).toEqual(labels.slice(0, rows - 1));
    expect(block.at(-1)).toContain('2 OVERLAPS against the contract');
  });

  it('says how many masters are missing in the smallest table', () => {
    const block = renderLiveBlock(STATE, style(80, { rows: 13 }));
    expect(block.slice(-4, -1).map((line) => line.split('  ')[0])).toEqual([
      'masters',
      'master 2',
      'and 2 more masters',
    ]);
    expect(renderLiveBlock(STATE, style(80, { rows: 12 })).some((line) => line.startsWith('master'))).toBe(false);
  });

  it('says how long a window is that is not made of whole seconds', () => {
    const [, line] = renderLiveBlock({ ...STATE, loadedMs: 1_500, durationMs: 1_500 }, style(80));
    expect(line).toMatch(/ {2}0 s of 1500ms, 1 s left$/);
  });

  it('gives no decimals to what got no lock in a part of a second', () => {
    const [last] = SECONDS;
    const seconds = last === undefined ? [] : [{ ...last, missedPerSecond: 13.3 }];
    expect(renderLiveBlock({ ...STATE, seconds }, style(80))[5]).toMatch(/^no lock {4}13\/s/);
  });

  it('leaves room for characters that are two columns wide', () => {
    const [title = ''] = renderLiveBlock({ ...STATE, subject: './錠前'.repeat(20) }, style(40));
    expect([...title]).toHaveLength(31);
    expect(title.endsWith('…')).toBe(true);
    expect(textWidth(title)).toBe(39);
  });

  it('measures what an ASCII terminal gets, of which a character may be two', () => {
    const subject = '±'.repeat(30);
    const [title = ''] = renderLiveBlock({ ...STATE, subject }, style(40, { glyphs: ASCII_GLYPHS }));
    expect([title.length, title.at(-1)]).toEqual([39, '~']);
  });

  it('lists the troubled masters first where there is no room for all', () => {
    const masters = Array.from({ length: 40 }, (_, index) =>
      master(index + 1, index === 36 ? { isTroubled: true } : {}),
    );
    const block = renderLiveBlock({ ...STATE, masters }, style(80));
    expect(block).toHaveLength(23);
    expect(block.filter((line) => line.startsWith('master '))).toHaveLength(12);
    expect(block.some((line) => line.startsWith('master 37'))).toBe(true);
    expect(block).toContain('and 28 more masters');
  });

  it('says of a master that does not answer that it does not', () => {
    const vitals = { isReachable: false, cpuShare: null, commandsPerSecond: null };
    const block = renderLiveBlock({ ...STATE, masters: [master(1, { vitals })] }, style(80));
    expect(block.at(-2)).toBe('master 1  300 µs  1.25 ms         0       0  no answer    –');
  });

  it.each([20, 40, 60, 71, 72, 80, 120, 200])('is narrower than a terminal of %i columns, colours aside', (columns) => {
    const state: LiveState = {
      ...STATE,
      seconds: Array.from({ length: 5 }, () => SECONDS).flat(),
      activeFaults: [{ name: 'latency master=2 client=1 delay=50ms jitter=10ms', sinceMs: 3_210, isInjected: true }],
      nextFault: { name: 'pause master=1', inMs: 400_000 },
    };
    for (const color of [true, false]) {
      const widths = renderLiveBlock(state, style(columns, { color })).map(
        (line) => [...stripVTControlCharacters(line)].length,
      );
      expect(Math.max(...widths)).toBeLessThan(columns);
    }
  });

  it('paints with colours only where they are allowed', () => {
    const plain = renderLiveBlock(STATE, style(80));
    const coloured = renderLiveBlock(STATE, style(80, { color: true }));
    expect(plain.join('')).not.toContain('\x1b');
    expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain);
    // The seconds with a fault are yellow.
    expect(coloured[4]).toContain('\x1b[33m███\x1b[39m');
  });

  it('needs no more than ASCII in a locale that has nothing else', () => {
    const block = renderLiveBlock(STATE, style(80, { glyphs: ASCII_GLYPHS })).join('\n');
    expect(block).toMatch(/^[\n\x20-\x7e]*$/);
    expect(block).toContain('p99        2.50 ms    ________________________###__  p50 1.00 ms  max 5.00 ms');
    expect(block).toContain('generator  event loop 34 %, starts p99 +200 us');
  });
});
