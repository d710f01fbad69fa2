import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segmentName } from '../model/history.js';
import type { Operation } from '../model/operation.js';
import { checkHistory, type CheckedHistory } from './history-check.js';
import { concludeHistory, HistoryJudge } from './history-judgement.js';
import { hold, openSegment } from './history.fixture.js';
import { judgeOperations } from './judge-operations.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Writes each list into a segment of its own, closed, and checks them. */
async function checked(...segments: readonly (readonly Operation[])[]): Promise<CheckedHistory> {
  segments.forEach((operations, worker) => {
    const writer = openSegment(folder, worker);
    for (const operation of operations) writer.record({ ...operation, worker });
    writer.end();
    expect(writer.problems).toEqual([]);
  });
  return checkHistory(folder, segments.length);
}

const conclude = ({ report, losses }: CheckedHistory, witnessOverlaps: number | undefined, isCutShort = false) =>
  concludeHistory(report, losses, { witnessOverlaps, isCutShort });

describe('checkHistory', () => {
  it('finds one overlap of a microsecond among holds that touch', async () => {
    const chain = (worker: number): Operation[] =>
      Array.from({ length: 5_000 }, (_, index) => {
        const startNs = (2 * index + worker) * 10_000;
        return hold(startNs, startNs + 10_000);
      });
    const touching = await checked(chain(0), chain(1));
    expect(touching.report).toMatchObject({ operations: 10_000, holds: 10_000, contractCount: 0, overruns: 0 });
    expect(touching).toMatchObject({ losses: { unclosed: 0, unreadable: 0 }, problems: [] });
    expect(conclude(touching, 0)).toMatchObject({ contractCount: 0, unchecked: 0, agreesWithWitness: true });

    await rm(path.join(folder, segmentName(0)));
    await rm(path.join(folder, segmentName(1)));
    const planted = chain(0).map((operation, index) =>
      index === 2_500 ? hold(operation.returnedNs, operation.returnedNs + 11_000) : operation,
    );
    const { report } = await checked(planted, chain(1));
    expect(report).toMatchObject({ contractCount: 1, overruns: 0, innerOverlaps: 1 });
    expect(report.contract).toMatchObject([{ holder: '0.0', intruder: '1.0', atNs: 50_010_000 }]);
  });

  it('finds what a comparison of all pairs in memory finds, however the operations are spread over segments', async () => {
    const anyHold = fc
      .record({
        worker: fc.nat(2),
        keyIndex: fc.nat(2),
        startNs: fc.nat(90),
        lengthNs: fc.nat(9),
        promisedNs: fc.nat(9),
      })
      .map(({ worker, keyIndex, startNs, lengthNs, promisedNs }) =>
        hold(startNs, startNs + lengthNs, { worker, keyIndex, validUntilNs: startNs + promisedNs }),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(anyHold, { maxLength: 20 }), fc.nat(40), async (holds, stepNs) => {
        const place = await mkdtemp(path.join(folder, 'each-'));
        for (const worker of [0, 1, 2]) {
          const writer = openSegment(place, worker);
          const own = holds.filter((each) => each.worker === worker);
          own.sort((a, b) => (a.releaseInvokedNs ?? 0) - (b.releaseInvokedNs ?? 0));
          for (const operation of own) {
            writer.record(operation);
            if (stepNs % 3 === worker) writer.flush(operation.releaseInvokedNs ?? 0, []);
          }
          writer.end();
        }
        const { report } = await checkHistory(place, 3);
        const { holds: count, contractCount, overruns, grantedExpired } = judgeOperations(holds).findings;
        expect(report).toMatchObject({ holds: count, contractCount, overruns, grantedExpired, unchecked: 0 });
      }),
      { numRuns: 60 },
    );
  });

  it('knows how long a worker surely held that died in the middle of it', async () => {
    const underWay = hold(100, 0, { releaseInvokedNs: undefined, leftNs: undefined });
    const dying = openSegment(folder, 0);
    dying.flush(500, [underWay]);
    dying.flush(900, [underWay]);
    dying.abandon();
    const other = openSegment(folder, 1);
    other.record(hold(900, 950, { worker: 1 }));
    other.end();
    const touching = await checkHistory(folder, 2);
    expect(touching.report).toMatchObject({ operations: 2, holds: 2, contractCount: 0 });
    expect(touching.losses).toEqual({ unclosed: 1, unreadable: 0 });
    expect(conclude(touching, undefined, true)).toMatchObject({ unchecked: 0 });
    expect(conclude(touching, undefined)).toMatchObject({ unchecked: 1 });

    await rm(path.join(folder, segmentName(1)));
    const early = openSegment(folder, 1);
    early.record(hold(899, 950, { worker: 1 }));
    early.end();
    expect((await checkHistory(folder, 2)).report).toMatchObject({ contractCount: 1 });
  });

  it('counts a hold that was under way and ended later once', async () => {
    const writer = openSegment(folder, 0);
    writer.flush(150, [hold(100, 0, { releaseInvokedNs: undefined, leftNs: undefined })]);
    writer.record(hold(100, 200));
    writer.end();
    expect((await checkHistory(folder, 1)).report).toMatchObject({ operations: 1, holds: 1, contractCount: 0 });
  });

  it('does not pass a hold that is being released while others go on', async () => {
    const releasing = hold(100, 200, { releasedNs: undefined });
    const slow = openSegment(folder, 0);
    slow.flush(1_000, [releasing]);
    slow.record({ ...releasing, releasedNs: 1_500 });
    slow.end();
    const other = openSegment(folder, 1);
    for (let startNs = 200; startNs < 2_000; startNs += 100) {
      other.record(hold(startNs, startNs + 100, { worker: 1 }));
      other.flush(startNs + 100, []);
    }
    other.end();
    expect((await checkHistory(folder, 2)).report).toMatchObject({ holds: 19, contractCount: 0, overruns: 0 });
  });

  it('reads up to a torn record, and counts a damaged, a foreign and a missing segment', async () => {
    for (const worker of [0, 1, 2]) {
      const writer = openSegment(folder, worker, worker === 2 ? { runId: 'another' } : {});
      for (let index = 0; index < 10; index++)
        writer.record(hold(index * 10, index * 10 + 5, { worker, keyIndex: worker }));
      writer.end();
    }
    const torn = path.join(folder, segmentName(0));
    await truncate(torn, (await readFile(torn)).length - 50);
    const damaged = path.join(folder, segmentName(1));
    const bytes = await readFile(damaged);
    bytes[bytes.length - 200] = (bytes[bytes.length - 200] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    await appendFile(path.join(folder, 'notes.txt'), 'not a segment');
    const history = await checkHistory(folder, 4);
    // Of the first the last record was cut; of the second the last two are lost.
    expect(history.report).toMatchObject({ holds: 9 + 8, contractCount: 0 });
    expect(history.losses).toEqual({ unclosed: 1, unreadable: 3 });
    expect(history.problems).toEqual([
      expect.stringContaining('worker-2.history: it is of another run'),
      expect.stringContaining('worker-0.history ends within a record'),
      expect.stringContaining('worker-1.history is damaged'),
      expect.stringContaining('expected 4 segments that can be read, got 2'),
    ]);
    expect(conclude(history, 0)).toMatchObject({ unchecked: 4 });
  });

  it('asks the witness and the history to bear each other out', async () => {
    const stay = (startNs: number, enteredNs: number, endNs: number, leftNs: number): Operation =>
      hold(startNs, endNs, { enteredNs, leftNs });
    // Outside the witness they overlap, inside they do not: the witness may have seen it or not.
    const between = await checked([stay(0, 10, 20, 25)], [stay(19, 30, 40, 45)]);
    expect(between.report).toMatchObject({ contractCount: 1, innerOverlaps: 0 });
    expect(conclude(between, 0).agreesWithWitness).toBe(true);
    expect(conclude(between, 1).agreesWithWitness).toBe(true);

    await rm(path.join(folder, segmentName(1)));
    const apart = openSegment(folder, 1);
    apart.record(stay(25, 30, 40, 45));
    apart.end();
    const separate = await checkHistory(folder, 2);
    expect(conclude(separate, 0).agreesWithWitness).toBe(true);
    expect(conclude(separate, 1).agreesWithWitness).toBe(false);
    expect(conclude(separate, undefined).agreesWithWitness).toBeNull();

    await rm(path.join(folder, segmentName(1)));
    const both = openSegment(folder, 1);
    both.record(stay(12, 19, 40, 45));
    both.end();
    const together = await checkHistory(folder, 2);
    expect(together.report.innerOverlaps).toBe(1);
    expect(conclude(together, 0).agreesWithWitness).toBe(false);
    expect(conclude(together, 1).agreesWithWitness).toBe(true);
  });

  it('expects nothing of a witness that nobody entered', async () => {
    const unseen = await checked([hold(0, 10, { enteredNs: undefined })], [hold(5, 15, { enteredNs: undefined })]);
    expect(unseen.report).toMatchObject({ contractCount: 1, innerOverlaps: undefined });
    expect(conclude(unseen, 0).agreesWithWitness).toBeNull();
  });

  it('compares nothing with the witness where its own stays in it could not be compared', () => {
    const judge = new HistoryJudge({ sources: 1, keys: 1, epochNs: 0, mostHolds: 2 });
    // Nobody leaves before he came: as a hold it is sensible, as a stay in the witness it is none.
    judge.add(0, hold(0, 10, { enteredNs: 20, leftNs: 25 }), undefined);
    judge.advance(0, Infinity);
    const report = judge.report();
    expect(report).toMatchObject({ holds: 1, unchecked: 1 });
    const losses = { unclosed: 0, unreadable: 0 };
    expect(conclude({ report, losses, problems: [] }, 0)).toMatchObject({ unchecked: 1, agreesWithWitness: null });
  });

  it('checks a million operations in less than 300 MB, and finds the one overlap of a microsecond in them', async () => {
    const workers = 4;
    for (let worker = 0; worker < workers; worker++) {
      const writer = openSegment(folder, worker, { keys: 100 });
      const operation = { ...hold(0, 0), worker };
      for (let index = 0; index < 250_000; index++) {
        const isPlanted = worker === 2 && index === 123_456;
        operation.slot = index % 16;
        operation.keyIndex = index % 100;
        operation.returnedNs = operation.enteredNs = (4 * index + worker) * 2_000;
        operation.releaseInvokedNs = operation.leftNs = operation.returnedNs + (isPlanted ? 3_000 : 2_000);
        operation.validUntilNs = operation.returnedNs + 10_000_000_000;
        writer.record(operation);
        if (index % 5_000 === 0) writer.flush(operation.returnedNs, []);
      }
      writer.end();
    }
    const module = new URL('../../dist/src/check/history-check.js', import.meta.url).href;
    const program = `
      import { checkHistory } from ${JSON.stringify(module)};
      const startMs = performance.now();
      const { report } = await checkHistory(${JSON.stringify(folder)}, ${String(workers)});
      const ms = performance.now() - startMs;
      const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
      const cpuMs = (userCPUTime + systemCPUTime) / 1000;
      process.stdout.write(JSON.stringify({ report, ms, cpuMs, peakMb: maxRSS / 1024 }));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    const { report, ms, cpuMs, peakMb } = JSON.parse(child.stdout) as Pick<CheckedHistory, 'report'> &
      Record<'ms' | 'cpuMs' | 'peakMb', number>;
    const figures = `${ms.toFixed(0)} ms (CPU ${cpuMs.toFixed(0)} ms), ${peakMb.toFixed(0)} MB`;
    process.stdout.write(`a million operations of four segments: checked in ${figures}\n`);
    expect(report).toMatchObject({ operations: 1_000_000, holds: 1_000_000, contractCount: 1, unchecked: 0 });
    expect(peakMb).toBeLessThan(300);
    // A second or two; but the machine may be doing much else.
  }, 120_000);
});
