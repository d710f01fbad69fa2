import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StoredSegment } from '../check/stored-history.js';
import type { Operation } from '../model/operation.js';
import { msToNs, systemClock } from '../model/time.js';
import type { Acquired, AcquireReport } from './contender-protocol.js';
import { BROKEN_LOCK, ContenderStage, REQUEST } from './contender.fixture.js';

function granted(report: AcquireReport): Acquired {
  if (report.status !== 'acquired') throw new Error(`expected it to be acquired, got ${report.status}`);
  return report;
}

async function readSegment(file: string): Promise<Pick<StoredSegment, 'header' | 'end'> & { operations: Operation[] }> {
  const segment = await StoredSegment.open(file);
  const operations: Operation[] = [];
  while (segment.end === undefined) await segment.readOn((operation) => operations.push({ ...operation }));
  await segment.close();
  return { header: segment.header, end: segment.end, operations };
}

describe('a contender', () => {
  const stage = new ContenderStage(3);

  it('acquires, updates the resource, releases, and tells the whole operation with its instants in order', async () => {
    const contender = await stage.start();
    const report = granted(await contender.acquire(REQUEST));
    expect(report).toMatchObject({ hold: 1, attempts: 1, fenceText: undefined });
    expect([await contender.read(1), await contender.write(1)]).toEqual(['ok', 'ok']);
    expect(await contender.release(1)).toEqual({ status: 'released' });
    const [operation] = await contender.operations();
    expect(operation).toMatchObject({
      worker: 0,
      slot: 0,
      keyIndex: 0,
      status: 'acquired',
      attempts: 1,
      invokedNs: report.invokedNs,
      returnedNs: report.returnedNs,
      enteredNs: report.enteredNs,
      validUntilNs: report.validUntilNs,
      releaseStatus: 'released',
    });
    const { invokedNs, returnedNs, enteredNs, releaseInvokedNs, leftNs, releasedNs } = operation!;
    const instants = [invokedNs, returnedNs, enteredNs, releaseInvokedNs, leftNs, releasedNs];
    expect(instants).toEqual([...instants].sort((a, b) => a! - b!));
    expect(await stage.resource.report()).toEqual({
      witness: { entered: 1, overlaps: [] },
      ledger: { touches: 2, lostUpdates: 0, fencedLostUpdates: null, rejected: null, anomalies: [] },
    });
  });

  it('is refused what another holds, and gets it after the release', async () => {
    const [first, second] = await stage.startTwo();
    granted(await first.acquire(REQUEST));
    expect(await second.acquire(REQUEST)).toMatchObject({ status: 'held', attempts: 1 });
    await first.release(1);
    granted(await second.acquire(REQUEST));
    expect((await stage.resource.report()).witness).toEqual({ entered: 2, overlaps: [] });
  });

  it('tells a hold under way without an end, and an acquisition under way as unfinished', async () => {
    const [first, second] = await stage.startTwo('redlock', { acquireTimeoutMs: 60_000 });
    granted(await first.acquire(REQUEST));
    const waiting = second.acquire(REQUEST);
    const [held] = await first.operations();
    expect(held).toMatchObject({ status: 'acquired', releaseInvokedNs: undefined, leftNs: undefined });
    const [unfinished] = await second.operations();
    expect(unfinished).toMatchObject({ status: 'unfinished' });
    expect(unfinished!.returnedNs).toBeGreaterThanOrEqual(unfinished!.invokedNs);
    await first.release(1);
    granted(await waiting);
  });

  it('extends a hold, and its promise with it', async () => {
    const contender = await stage.start();
    const report = granted(await contender.acquire({ ...REQUEST, ttlMs: 5_000 }));
    const extended = await contender.extend(1, 60_000);
    expect(extended.status).toBe('extended');
    expect(extended.validUntilNs! - report.validUntilNs!).toBeGreaterThan(msToNs(30_000));
    expect(await contender.operations()).toMatchObject([{ validUntilNs: extended.validUntilNs }]);
    await Promise.all(stage.masters.map(({ admin }) => admin.flushall()));
    expect(await contender.extend(1, 60_000)).toEqual({ status: 'lost', validUntilNs: extended.validUntilNs });
  });

  it('abandons a hold: it leaves the witness and never releases', async () => {
    const [first, second] = await stage.startTwo();
    granted(await first.acquire(REQUEST));
    await first.abandon(1);
    expect(await second.acquire(REQUEST)).toMatchObject({ status: 'held' });
    const [operation] = await first.operations();
    expect(operation).toMatchObject({ status: 'acquired', releasedNs: undefined, releaseStatus: undefined });
    expect(operation!.leftNs).toBeGreaterThan(operation!.releaseInvokedNs!);
    await expect(first.release(1)).rejects.toThrow('contender c1: expected it to obey release, got hold: expected one');
  });

  it('mints fences, and the resource refuses the older of two holders', async () => {
    const [first, second] = await stage.startTwo();
    const one = granted(await first.acquire({ ...REQUEST, fenced: true }));
    expect(await first.read(1)).toBe('ok');
    await Promise.all(stage.masters.map(({ admin }) => admin.del(REQUEST.resource)));
    const other = granted(await second.acquire({ ...REQUEST, fenced: true }));
    expect(other.fenceText! > one.fenceText!).toBe(true);
    expect(await second.read(1)).toBe('ok');
    expect(await first.write(1)).toBe('refused');
    expect(await second.write(1)).toBe('ok');
    expect((await stage.resource.report()).ledger).toEqual({
      touches: 4,
      lostUpdates: 1,
      fencedLostUpdates: 0,
      rejected: 1,
      anomalies: [],
    });
  });

  it('refuses to fence with a lock that mints no fences', async () => {
    const contender = await stage.start('redlock-sequential');
    await expect(contender.acquire({ ...REQUEST, fenced: true })).rejects.toThrow('expected a lock that mints fences');
  });

  it('acknowledges before its event loop is blocked, and obeys what comes meanwhile only afterwards', async () => {
    const contender = await stage.start();
    await contender.block(400);
    const acknowledgedNs = systemClock.nowNs();
    const { invokedNs } = await contender.acquire(REQUEST);
    // The acknowledgement was on its way before the block began, and took no part of it.
    expect(invokedNs - acknowledgedNs).toBeGreaterThan(msToNs(200));
  });

  it.each([
    { lock: 'redlock', status: 'expired' },
    { lock: 'npm:redlock@5', status: 'acquired' },
  ])('hears of its votes after a block that began while they were on their way: $lock', async ({ lock, status }) => {
    const contender = await stage.start(lock);
    for (const master of stage.masters) master.pause();
    const reporting = contender.acquire({ ...REQUEST, ttlMs: 300 });
    try {
      await contender.block(900);
    } finally {
      for (const master of stage.masters) master.resume();
    }
    const report = await reporting;
    expect(report.returnedNs - report.invokedNs).toBeGreaterThan(msToNs(890));
    expect(report.status).toBe(status);
    if (report.status === 'acquired') expect(report.validUntilNs).toBeLessThan(report.returnedNs);
  });

  it('stands still while it is stopped, and goes on where it was', async () => {
    const contender = await stage.start();
    contender.stop();
    const reporting = contender.acquire(REQUEST);
    await sleep(200);
    const contNs = systemClock.nowNs();
    contender.cont();
    expect((await reporting).invokedNs).toBeGreaterThan(contNs);
  });

  it('shows its client another wall clock, and leaves the monotonic one alone', async () => {
    const contender = await stage.start('npm:redlock@4');
    await contender.setWallClock(-3_600_000);
    const before = granted(await contender.acquire(REQUEST));
    const ttlNs = msToNs(REQUEST.ttlMs);
    // Its clock was the same before and after the grant, so it promises no more than the ttl.
    expect(before.validUntilNs! - before.returnedNs).toBeLessThan(ttlNs);
    await contender.setWallClock(-7_200_000);
    const [stepped] = await contender.operations();
    expect((stepped!.validUntilNs! - before.returnedNs) / msToNs(3_600_000)).toBeCloseTo(1, 1);
    await contender.setWallClock(0);
    const [healed] = await contender.operations();
    expect(healed!.validUntilNs! - before.returnedNs).toBeLessThan(ttlNs);
    expect((await contender.acquire({ ...REQUEST, resource: `${REQUEST.resource}2` })).status).toBe('acquired');
  });

  it('contends with several slots, and loses no update', async () => {
    const scenario = { acquireTimeoutMs: 60_000 };
    const contenders = await stage.startTwo('redlock', scenario);
    const plan = { keys: [REQUEST], ttlMs: 5_000, holdMs: 1, forMs: 500, clients: 3 };
    const reports = await Promise.all(contenders.map((contender) => contender.loop(plan)));
    const sum = reports.reduce((total, { granted: count }) => total + count, 0);
    expect(sum).toBeGreaterThan(10);
    for (const { granted: count, grantsAtNs, firstGrantNs, lastGrantNs } of reports) {
      expect(grantsAtNs).toHaveLength(count);
      expect([firstGrantNs, lastGrantNs]).toEqual([grantsAtNs[0], grantsAtNs.at(-1)]);
    }
    expect(await stage.resource.report()).toMatchObject({
      witness: { entered: sum, overlaps: [] },
      ledger: { touches: 2 * sum, lostUpdates: 0 },
    });
    const operations = (await Promise.all(contenders.map((contender) => contender.operations()))).flat();
    expect(operations.filter(({ status }) => status === 'acquired')).toHaveLength(sum);
    expect(new Set(operations.map(({ slot }) => slot))).toEqual(new Set([0, 1, 2]));
  });

  it('counts what a loop was refused by its status', async () => {
    const [first, second] = await stage.startTwo();
    granted(await first.acquire(REQUEST));
    const report = await second.loop({ keys: [REQUEST], ttlMs: 5_000, holdMs: 0, forMs: 200, clients: 2 });
    expect(report).toMatchObject({ granted: 0, firstGrantNs: undefined, grantsAtNs: [] });
    expect(report.failed['held']).toBeGreaterThan(1);
  });

  it('lets what waits at the end of a loop go, and counts it as no failure', async () => {
    const [first, second] = await stage.startTwo('redlock', { acquireTimeoutMs: 60_000 });
    granted(await first.acquire(REQUEST));
    const report = await second.loop({ keys: [REQUEST], ttlMs: 5_000, holdMs: 0, forMs: 200, clients: 2 });
    expect(report).toMatchObject({ granted: 0, failed: {} });
  });
});

describe('the history of a contender', () => {
  const stage = new ContenderStage(1);

  it('has each operation, those under way at its end up to then, with the instants of the witness', async () => {
    const historyFile = join(stage.folder, 'worker-0.history');
    const contender = await stage.start('redlock', { name: 'F0' }, { historyFile });
    granted(await contender.acquire(REQUEST));
    await contender.acquire(REQUEST);
    await contender.release(1);
    granted(await contender.acquire(REQUEST));
    const [first, refused, second] = await contender.operations();
    await contender[Symbol.asyncDispose]();
    const { header, end, operations } = await readSegment(historyFile);
    expect([header?.runId, header?.worker, end]).toEqual(['F0', 0, 'closed']);
    // In the order in which they were over; the first slot was taken while the second asked.
    expect(operations).toMatchObject([
      { slot: 1, status: 'held', returnedNs: refused!.returnedNs },
      { slot: 0, status: 'acquired', enteredNs: first!.enteredNs, leftNs: first!.leftNs },
      { slot: 0, status: 'acquired', enteredNs: second!.enteredNs, leftNs: undefined },
    ]);
    expect(operations[2]!.releaseInvokedNs).toBeGreaterThan(second!.enteredNs!);
  });
});

describe('contenders of a lock that excludes nobody', () => {
  const stage = new ContenderStage(1);

  it('are seen by the witness, each that is present by each that enters', async () => {
    const contenders = await Promise.all([1, 2, 3].map(() => stage.start(BROKEN_LOCK)));
    for (const contender of contenders) granted(await contender.acquire(REQUEST));
    const { overlaps } = (await stage.resource.report()).witness;
    expect(overlaps.map(({ keyIndex, holder, intruder }) => [keyIndex, holder, intruder])).toEqual([
      [0, 'c1.1', 'c2.1'],
      [0, 'c1.1', 'c3.1'],
      [0, 'c2.1', 'c3.1'],
    ]);
  });

  it('lose updates of the resource', async () => {
    const [first, second] = await stage.startTwo(BROKEN_LOCK);
    for (const contender of [first, second]) {
      granted(await contender.acquire(REQUEST));
      await contender.read(1);
    }
    expect([await first.write(1), await second.write(1)]).toEqual(['ok', 'ok']);
    expect((await stage.resource.report()).ledger).toMatchObject({ touches: 4, lostUpdates: 1 });
  });
});
