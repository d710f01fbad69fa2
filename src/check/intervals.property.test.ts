import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Hold } from './hold.js';
import type { IntervalOptions, OverlapReport } from './intervals.js';
import { checker, held, KEYS, nothing } from './intervals.fixture.js';

it('finds a broken contract exactly where there is one, and counts what it says it counts', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const { contractCount, overruns, grantedExpired } = countByPairs(history.reports.map(({ hold }) => hold));
      const report = told(history);
      expect(report).toMatchObject({ held: history.reports.length, unchecked: 0 });
      expect(report).toMatchObject({ contractCount, overruns, grantedExpired });
      expect(report.contract).toHaveLength(contractCount);
    }),
    { numRuns: RUNS },
  );
});

it('finds the same however the reports come in', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(anyMark), ({ reports, marks }, otherMarks) => {
      const reversed = { reports: [...reports].reverse(), marks: otherMarks };
      expect(told(reversed)).toEqual(told({ reports, marks }));
    }),
  );
});

it('finds a broken contract exactly where there is one, even if the sources lie', () => {
  fc.assert(
    fc.property(anyHistory, ({ reports, marks }) => {
      const intervals = checker({ sources: SOURCES });
      reports.forEach(({ source, hold }, index) => {
        intervals.add(source, hold);
        const mark = marks[index];
        if (mark !== undefined) intervals.advance(mark.source, mark.atNs);
      });
      for (let source = 0; source < SOURCES; source++) intervals.end(source);
      const report = intervals.drain();
      expect(report).toMatchObject({ held: reports.length, unchecked: 0 });
      expect(report.contractCount > 0).toBe(countByPairs(reports.map(({ hold }) => hold)).contractCount > 0);
    }),
    { numRuns: RUNS },
  );
});

it('accuses nobody wrongly with little memory, and what it misses is unchecked', () => {
  fc.assert(
    fc.property(anyHistory, fc.integer({ min: 1, max: 4 }), (history, mostKept) => {
      const { contractCount } = countByPairs(history.reports.map(({ hold }) => hold));
      const report = told(history, { mostKept });
      expect(report.held + report.unchecked).toBe(history.reports.length);
      expect(report.contractCount).toBeLessThanOrEqual(contractCount);
      expect(report.contractCount + report.unchecked).toBeGreaterThanOrEqual(contractCount);
    }),
    { numRuns: RUNS },
  );
});

it('needs the memory of one promise to judge holders that do not overrun', () => {
  fc.assert(
    fc.property(anyHistory, ({ reports, marks }) => {
      const holds = reports.map(({ source, hold }) => ({ source, hold: { ...hold, validUntilNs: Infinity } }));
      const { contractCount } = countByPairs(holds.map(({ hold }) => hold));
      const report = told({ reports: holds, marks }, { mostKept: 1 });
      expect(report).toMatchObject({ held: holds.length, contractCount, overruns: 0, unchecked: 0 });
    }),
    { numRuns: RUNS },
  );
});

it('finds nothing in holds that follow one another', () => {
  const lengths = fc.array(
    fc.record({ gapNs: fc.nat(2), lengthNs: fc.nat(5), promisedNs: fc.integer({ min: 1, max: 8 }) }),
  );
  fc.assert(
    fc.property(lengths, (steps) => {
      let nowNs = 0;
      const holds = steps.map(({ gapNs, lengthNs, promisedNs }) => {
        const grantedNs = nowNs + gapNs;
        nowNs = grantedNs + lengthNs;
        return held(grantedNs, nowNs, { validUntilNs: grantedNs + promisedNs });
      });
      expect(told({ reports: holds.reverse().map((hold) => ({ source: 0, hold })), marks: [] })).toEqual({
        ...nothing,
        held: holds.length,
      });
    }),
  );
});

it('gets through two million holds of one key, with little memory', () => {
  const intervals = checker({ mostWaiting: 1_000, mostKept: 1_000 });
  const hold = { keyIndex: 0, holder: 0, grantedNs: 0, releaseInvokedNs: 0, validUntilNs: Infinity };
  for (let i = 0; i < 2_000_000; i++) {
    hold.grantedNs = 10 * i;
    // Every other one overruns, until four others have held.
    hold.validUntilNs = hold.grantedNs + 9;
    hold.releaseInvokedNs = hold.grantedNs + (i % 2 === 0 ? 45 : 8);
    intervals.add(0, hold);
    if (i % 500 === 0) intervals.advance(0, hold.grantedNs);
  }
  intervals.end(0);
  expect(intervals.drain()).toMatchObject({ held: 2_000_000, contractCount: 0, unchecked: 0 });
});
const SOURCES = 3;
const RUNS = 300;

interface History {
  /** In the order in which they are added, where a watermark does not force another one. */
  readonly reports: readonly { readonly source: number; readonly hold: Hold }[];
  readonly marks: readonly Mark[];
}

interface Mark {
  readonly source: number;
  readonly atNs: number;
}

const anyMark: fc.Arbitrary<Mark> = fc.record({ source: fc.nat(SOURCES - 1), atNs: fc.nat(90) });

/** Mostly short promises and long holds: they overrun often, and break a contract in a third of the histories. */
const anyHold: fc.Arbitrary<Hold> = fc
  .record({
    keyIndex: fc.nat(KEYS - 1),
    holder: fc.nat(9),
    grantedNs: fc.nat(80),
    lengthNs: fc.oneof({ arbitrary: fc.nat(3), weight: 3 }, { arbitrary: fc.nat(40), weight: 2 }),
    promisedNs: fc.oneof({ arbitrary: fc.nat(3), weight: 20 }, fc.nat(30), fc.constant(Infinity)),
  })
  .map(({ keyIndex, holder, grantedNs, lengthNs, promisedNs }) =>
    held(grantedNs, grantedNs + lengthNs, { keyIndex, holder, validUntilNs: grantedNs + promisedNs }),
  );

const anyHistory: fc.Arbitrary<History> = fc.record({
  reports: fc.array(fc.record({ source: fc.nat(SOURCES - 1), hold: anyHold }), { maxLength: 24, size: 'max' }),
  marks: fc.array(anyMark, { maxLength: 24, size: 'max' }),
});

/** Tells a history to a checker: before a source advances it has added what it must, and nothing else. */
function told({ reports, marks }: History, options: Partial<IntervalOptions> = {}): OverlapReport {
  const intervals = checker({ sources: SOURCES, ...options });
  const toldTo = new Array<number>(SOURCES).fill(-Infinity);
  const outcomes = new Set<string>();
  const ends = toldTo.map((_, source) => ({ source, atNs: Infinity }));
  for (const { source, atNs } of [...marks, ...ends]) {
    for (const report of reports) {
      const { releaseInvokedNs } = report.hold;
      if (report.source !== source || releaseInvokedNs < toldTo[source]! || releaseInvokedNs >= atNs) continue;
      outcomes.add(intervals.add(source, report.hold));
    }
    toldTo[source] = Math.max(toldTo[source]!, atNs);
    intervals.advance(source, atNs);
  }
  expect([...outcomes]).toEqual(reports.length === 0 ? [] : ['accepted']);
  return intervals.drain();
}

/** The same counts, from the definitions: every hold against every one before it. */
function countByPairs(holds: readonly Hold[]): Pick<OverlapReport, 'contractCount' | 'overruns' | 'grantedExpired'> {
  const counts = { contractCount: 0, overruns: 0, grantedExpired: 0 };
  const inOrder = [...holds].sort(
    (a, b) =>
      a.releaseInvokedNs - b.releaseInvokedNs ||
      a.grantedNs - b.grantedNs ||
      (a.validUntilNs === b.validUntilNs ? 0 : a.validUntilNs - b.validUntilNs),
  );
  inOrder.forEach((hold, index) => {
    const before = inOrder.slice(0, index).filter(({ keyIndex }) => keyIndex === hold.keyIndex);
    if (hold.grantedNs >= hold.validUntilNs) counts.grantedExpired++;
    if (before.some((other) => isPromiseBroken(hold, other))) counts.contractCount++;
    else if (before.some((other) => areBothHeld(hold, other))) counts.overruns++;
  });
  return counts;
}

function isPromiseBroken(one: Hold, other: Hold): boolean {
  const [a, b] = [one, other].map(({ grantedNs, releaseInvokedNs, validUntilNs }) => ({
    startNs: grantedNs,
    endNs: Math.min(releaseInvokedNs, validUntilNs),
    isPromised: grantedNs < validUntilNs,
  }));
  return a!.isPromised && b!.isPromised && a!.startNs < b!.endNs && b!.startNs < a!.endNs;
}

function areBothHeld(one: Hold, other: Hold): boolean {
  return one.grantedNs < other.releaseInvokedNs && other.grantedNs < one.releaseInvokedNs;
}
