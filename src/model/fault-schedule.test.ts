import { describe, expect, it } from 'vitest';
import { expandFaults } from './fault.js';
import { findFaultProblems, type FaultStage } from './fault-schedule.js';
import { parseFaults } from './fault-text.js';

function problemsOf(texts: readonly string[], stage: Partial<FaultStage> = {}): string[] {
  const asked = texts.flatMap((text) => {
    const read = parseFaults(text);
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    return read.faults;
  });
  return findFaultProblems({
    faults: expandFaults(asked, 3),
    masters: 3,
    workers: 2,
    durationMs: 10_000,
    areMastersSpawned: true,
    downMasters: [],
    killedWorkers: [],
    ...stage,
  });
}

describe('findFaultProblems', () => {
  it.each<[string, string[]]>([
    ['one master after the other', ['kill master=1 at=1s for=2s', 'pause master=1 at=3s for=1s']],
    ['all masters at once', ['kill master=all at=1s for=9s']],
    ['a server and the way to it', ['pause master=1 at=1s for=2s', 'cut master=1 at=1s for=2s']],
    ['two ways to one master', ['cut master=1 client=1 at=1s for=2s', 'hold master=1 client=2 at=1s for=2s']],
    ['a client and its ways', ['block client=1 at=1s for=2s', 'cut master=1 client=1 at=1s for=2s']],
  ])('has nothing against %s', (_, texts) => {
    expect(problemsOf(texts)).toEqual([]);
  });

  it.each<[string, RegExp]>([
    ['kill master=4 at=1s for=1s', /^--fault "kill master=4 at=1s for=1s": expected a master between 1 and 3, got 4;/],
    ['cut master=1 client=3 at=1s for=1s', /expected a client, .* between 1 and 2, got 3; use --workers 3$/],
    ['block client=3 at=1s for=1s', /expected a client, .* got 3;/],
    ['flush master=1 at=10s', /expected it within --duration 10s, got its beginning at 10s; use a longer --duration$/],
    ['kill master=1 at=9s for=2s', /expected it within --duration 10s, .* at 9s, and its end at 11s;/],
  ])('refuses "%s"', (text, problem) => {
    expect(problemsOf([text])).toEqual([expect.stringMatching(problem)]);
  });

  it.each<[string, RegExp]>([
    [
      'latency master=1 delay=10ms jitter=10ms at=1s for=1s',
      /expected a jitter below the delay, got 10ms beside 10ms;/,
    ],
    ['bandwidth master=1 rate=199 at=1s for=1s', /expected a rate between 200 and 20000000 bytes per .*, got 199;/],
    ['bandwidth master=1 rate=20000001 at=1s for=1s', /expected a rate between .*, got 20000001;/],
    ['clock master=1 by=9ms at=1s for=1s', /expected a jump of 10ms or more, .* got by=9ms;/],
    ['client-clock client=1 by=-9ms at=1s for=1s', /expected a jump of 10ms or more, .* got by=-9ms;/],
    ['stall master=1 at=1s for=99ms', /expected it to last 100ms or more, .* got for=99ms; use for=1s$/],
  ])('refuses what no probe could tell: "%s"', (text, problem) => {
    expect(problemsOf([text])).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    'latency master=1 delay=10ms jitter=9ms at=1s for=1s',
    'bandwidth master=1 rate=200 at=1s for=1s',
    'bandwidth master=1 rate=20000000 at=1s for=1s',
    'clock master=1 by=-10ms at=1s for=1s',
    'stall master=1 at=1s for=100ms',
  ])('has nothing against what a probe can just tell: "%s"', (text) => {
    expect(problemsOf([text])).toEqual([]);
  });

  it.each<[string, string]>([
    ['kill master=1 at=1s for=2s', 'pause master=1 at=2s for=2s'],
    ['flush master=1 at=2s', 'pause master=1 at=1s for=2s'],
    ['flush master=1 at=2s', 'pause master=1 at=2s for=2s'],
    ['cut master=1 at=1s for=2s', 'hold master=1 client=2 at=2s for=2s'],
    ['cut master=1 client=2 at=1s for=2s', 'latency master=1 client=2 delay=1ms at=2s for=2s'],
    ['block client=1 at=1s for=2s', 'client-clock client=1 by=1s at=2s for=2s'],
  ])('refuses "%s" beside "%s"', (first, second) => {
    expect(problemsOf([first, second])).toEqual([
      expect.stringMatching(`"${first}": expected one fault at a time of .*, got also ${second}; let one end`),
    ]);
  });

  it('refuses any fault where the masters are not of this run', () => {
    for (const text of ['kill master=1 at=1s for=1s', 'cut master=1 at=1s for=1s', 'block client=1 at=1s for=1s']) {
      expect(problemsOf([text], { areMastersSpawned: false })).toEqual([
        expect.stringMatching(/^--fault: expected masters spawned by this run, got --endpoint;/),
      ]);
    }
  });

  it('refuses faults of what is down or dies anyway', () => {
    expect(problemsOf(['kill master=2 at=1s for=1s'], { downMasters: [2] })[0]).toMatch(/expected a master that is up/);
    expect(problemsOf(['block client=2 at=1s for=1s'], { killedWorkers: [2] })[0]).toMatch(/a worker that lives/);
  });
});
