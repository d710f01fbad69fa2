import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandFaults, type AskedFault, type FaultOn } from './fault.js';
import { formatFault, formatScheduledFault, nameTarget, parseFaults } from './fault-text.js';

const number = fc.integer({ min: 1, max: 99 });
const master = fc.oneof(number, fc.constant<'all'>('all'));
const client = fc.option(number, { nil: undefined });
const ms = fc.oneof(
  fc.integer({ min: 1, max: 86_400_000 }),
  fc.integer({ min: 1, max: 999 }).map((us) => us * 0.001),
);
const byMs = fc.tuple(ms, fc.boolean()).map(([span, isBack]) => (isBack ? -span : span));

type Asked = FaultOn<number | 'all'>;
const lasting: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('kill', 'shutdown', 'power-loss', 'pause', 'stall', 'evict'),
    master,
  }),
  fc.record({ kind: fc.constant('clock'), master, byMs }),
  fc.record({ kind: fc.constant('latency'), master, client, delayMs: ms, jitterMs: fc.oneof(fc.constant(0), ms) }),
  fc.record({ kind: fc.constant('bandwidth'), master, client, bytesPerSecond: fc.integer({ min: 1, max: 1e9 }) }),
  fc.record({
    kind: fc.constantFrom('cut', 'blackhole', 'half-open', 'hold', 'hold-requests', 'hold-replies'),
    master,
    client,
  }),
  fc.record({ kind: fc.constant('block'), client: number }),
  fc.record({ kind: fc.constant('client-clock'), client: number, byMs }),
);
const momentary = fc.oneof(
  fc.record({ kind: fc.constant('flush'), master }),
  fc.record({ kind: fc.constantFrom('reset', 'reset-after-request'), master, client }),
) as fc.Arbitrary<Asked>;
const atMs = fc.oneof(fc.constant(0), ms);
const asked: fc.Arbitrary<AskedFault> = fc.oneof(
  fc.record({ fault: lasting, atMs, forMs: ms }),
  fc.record({ fault: momentary, atMs, forMs: fc.constant(undefined) }),
);

function problemsOf(text: string): readonly string[] {
  const read = parseFaults(text);
  return 'problems' in read ? read.problems : [];
}

describe('parseFaults', () => {
  it('reads back whatever formatScheduledFault writes', () => {
    fc.assert(
      fc.property(asked, (fault) => {
        expect(parseFaults(formatScheduledFault(fault))).toEqual({ faults: [fault] });
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes its words in any order, and any space between them', () => {
    expect(parseFaults('  latency  jitter=10ms at=2s for=4s  delay=50ms client=2 master=1 ')).toEqual({
      faults: [
        { fault: { kind: 'latency', master: 1, client: 2, delayMs: 50, jitterMs: 10 }, atMs: 2_000, forMs: 4_000 },
      ],
    });
  });

  it('makes a fault of each master and each client of a list', () => {
    const [atMs, forMs, kind] = [1_000, 500, 'cut'] as const;
    expect(parseFaults('cut master=1,3 client=2,1 at=1s for=500ms')).toEqual({
      faults: [
        { fault: { kind, master: 1, client: 2 }, atMs, forMs },
        { fault: { kind, master: 1, client: 1 }, atMs, forMs },
        { fault: { kind, master: 3, client: 2 }, atMs, forMs },
        { fault: { kind, master: 3, client: 1 }, atMs, forMs },
      ],
    });
  });

  it.each<[string, RegExp]>([
    ['', /^expected one of kill, .*, got ""; say for instance kill master=2 at=5s for=3s$/],
    ['kil master=1 at=1s', /^expected one of kill, .* client-clock, got "kil";/],
    ['kill at=1s for=1s', /^expected master= with kill, got none: add master=1$/],
    ['kill master=1 for=1s', /^expected at= with kill, got none: add at=5s$/],
    ['pause master=1 at=1s', /^expected for= with pause, got none; pause lasts until it is healed: add for=3s$/],
    ['flush master=1 at=1s for=1s', /^expected no for= with flush, which is over at once, got "for=1s"; drop it$/],
    ['reset master=1 at=1s for=1s', /^expected no for= with reset, /],
    ['kill master=1 master=2 at=1s for=1s', /^expected master= once, got it again as "master=2"; keep one$/],
    ['kill master=1 client=1 at=1s for=1s', /^expected master= at= for= with kill, got "client=1"; drop it/],
    ['kill master=1 at=1s for=1s now', /^expected master= at= for= with kill, got "now";/],
    ['kill master=0 at=1s for=1s', /^expected master= with a number from 1, .* got "master=0"; say master=1$/],
    ['kill master=1,1 at=1s for=1s', /^expected master= with .*, each once, got "master=1,1"/],
    ['block client=all at=1s for=1s', /^expected client= with a number from 1, or a list such as 1,2, .*"client=all"/],
    ['kill master=1 at=5 for=1s', /^expected at= with a duration with its unit, got "at=5"; say at=5s$/],
    ['kill master=1 at=-5s for=1s', /^expected at= with a duration/],
    ['kill master=1 at=5s for=0s', /^expected for= with a duration/],
    ['clock master=1 by=0s at=1s for=1s', /^expected by= with a duration with its unit, or minus one, got "by=0s"/],
    ['clock master=1 by=--5s at=1s for=1s', /^expected by= /],
    ['bandwidth master=1 rate=0 at=1s for=1s', /^expected rate= with bytes per second above 0, got "rate=0"/],
    ['latency master=1 at=1s for=1s', /^expected delay= with latency, got none: add delay=50ms$/],
  ])('refuses "%s"', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  it('tells all problems of a text at once', () => {
    expect(problemsOf('clock master=x by=5 when=now')).toHaveLength(5);
  });
});

describe('a fault', () => {
  it('is named with its target', () => {
    expect(formatFault({ kind: 'clock', master: 2, byMs: -50_000 })).toBe('clock master=2 by=-50s');
    expect(nameTarget({ kind: 'kill', master: 2 })).toBe('master 2');
    expect(nameTarget({ kind: 'cut', master: 2, client: 1 })).toBe('client 1 to master 2');
    expect(nameTarget({ kind: 'cut', master: 2, client: undefined })).toBe('all clients to master 2');
    expect(nameTarget({ kind: 'block', client: 3 })).toBe('client 3');
  });

  it('of all masters becomes one of each', () => {
    const time = { atMs: 1, forMs: 2 };
    const block: AskedFault = { fault: { kind: 'block', client: 1 }, ...time };
    expect(expandFaults([{ fault: { kind: 'kill', master: 'all' }, ...time }, block], 2)).toEqual([
      { fault: { kind: 'kill', master: 1 }, ...time },
      { fault: { kind: 'kill', master: 2 }, ...time },
      block,
    ]);
  });
});
