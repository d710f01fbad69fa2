import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHistory } from '../check/history-check.js';
import { IntervalChecker } from '../check/intervals.js';
import { splitSlots, type Shard } from '../load/shard.js';
import { Totals } from '../load/totals.js';
import { allocateWitness } from '../load/witness.js';
import { parseDriverLock, type DriverLock } from '../locks/driver-lock.js';
import { segmentName } from '../model/history.js';
import { nameHolder } from '../model/holder.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { msToNs, systemClock } from '../model/time.js';
import { eventually } from '../redlock/redis.fixture.js';
import { createDriverRunner } from './driver-runner.js';
import { DRIVER_LIMITS, type DriverLimits } from './driver-watch.js';
import type { Progress, ShardResult } from './protocol.js';

const fixture = new URL('./misbehaving-driver.fixture.mjs', import.meta.url).pathname;
const PASSWORD = 'canary-of-the-driver';
const IMPATIENT: DriverLimits = { ...DRIVER_LIMITS, graceMs: 300, bytesPerSecond: 1 << 20 };

let folder = '';
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redlock-driver-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly progress: readonly Progress[];
  readonly totals: Totals;
  readonly error: string | undefined;
  readonly result: ShardResult | undefined;
  readonly lockName: string | undefined;
  /** Processes of the driver that are still there once the runner says that it is over. */
  readonly left: readonly number[];
}

interface Staging {
  readonly historyFolder?: string;
  readonly limits?: Partial<DriverLimits>;
  readonly scenario?: ScenarioInput;
  readonly masters?: number;
  readonly stopAfterMs?: number;
  readonly killAfterMs?: number;
  readonly barrierAfterMs?: number;
  readonly command?: readonly string[];
}

/** Runs the fixture driver in a mode, for a run of one second without warm-up. */
async function drive(mode: string, staging: Staging = {}): Promise<Outcome> {
  const idFile = join(folder, `ids-${String(++runs)}`);
  const lock = lockOf(staging.command ?? [process.execPath, fixture, mode, idFile]);
  const scenario = completeScenario(
    { concurrency: 2, warmupMs: 0, durationMs: 1_000, nodeTimeoutMs: 50, masters: 1, ...staging.scenario },
    1,
  );
  const shards = splitSlots(scenario).map((split, worker): Shard => ({
    worker,
    runId: 'test',
    scenario,
    masters: Array.from({ length: staging.masters ?? 1 }, () => ({
      socket: { kind: 'tcp', host: '127.0.0.1', port: 1, tls: false },
      username: undefined,
      password: PASSWORD,
      database: 0,
    })),
    witness: allocateWitness(1, 1),
    historyFile: staging.historyFolder === undefined ? undefined : join(staging.historyFolder, segmentName(worker)),
    ...split,
  }));
  const checker = new IntervalChecker({ sources: shards.length, keys: 20, describeHolder: nameHolder });
  await using runner = createDriverRunner(lock, checker, process.env, { ...IMPATIENT, ...staging.limits });
  const [stop, kill] = [new AbortController(), new AbortController()];
  let start: (barrierNs: number) => void = () => {};
  const barrier = new Promise<number>((resolve) => {
    start = resolve;
  });
  const progress: Progress[] = [];
  let ready = 0;
  const follow = async (shard: Shard): Promise<void> => {
    for await (const told of runner.run(shard, barrier, stop.signal, kill.signal)) {
      progress.push(told);
      if (told.kind !== 'ready' || ++ready < shards.length) continue;
      setTimeout(() => start(systemClock.nowNs() + msToNs(20)), staging.barrierAfterMs ?? 0);
      if (staging.stopAfterMs !== undefined) setTimeout(() => stop.abort(), staging.stopAfterMs);
      if (staging.killAfterMs !== undefined) setTimeout(() => kill.abort(), staging.killAfterMs);
    }
  };
  const ends = await Promise.allSettled(shards.map(follow));
  const failure = ends.find((end) => end.status === 'rejected');
  const totals = new Totals(staging.masters ?? 1);
  for (const told of progress) if (told.kind !== 'ready') totals.absorb(told.recorded);
  const ids = existsSync(idFile) ? (await readFile(idFile, 'utf8')).trim().split('\n').map(Number) : [];
  return {
    progress,
    totals,
    error: failure === undefined ? undefined : (failure.reason as Error).message,
    result: progress.find((told) => told.kind === 'finished'),
    lockName: runner.hello?.name,
    left: ids.filter(isAlive),
  };
}

function lockOf(command: readonly string[]): DriverLock {
  return { ...parseDriverLock('process:driver')!, command };
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the history of a driver', () => {
  it('is what it reported, whole when it finished', async () => {
    const historyFolder = join(folder, 'whole');
    await mkdir(historyFolder);
    const { totals } = await drive('good', { historyFolder });
    const { report, losses, problems } = await checkHistory(historyFolder, 1);
    const counted = Object.values(totals.counts).reduce((sum, count) => sum + count, 0);
    expect(report).toMatchObject({
      operations: counted,
      holds: totals.counts.acquired,
      contractCount: 0,
      unchecked: 0,
    });
    expect(report.innerOverlaps).toBeUndefined();
    expect(losses).toEqual({ unclosed: 0, unreadable: 0 });
    expect(problems).toEqual([]);
  });

  it('is not closed when it was killed', async () => {
    const historyFolder = join(folder, 'killed');
    await mkdir(historyFolder);
    await drive('good', { historyFolder, killAfterMs: 500, scenario: { durationMs: 2_000 } });
    const { losses } = await checkHistory(historyFolder, 1);
    expect(losses).toEqual({ unclosed: 1, unreadable: 0 });
  });
});

describe('a driver that does as it was told', () => {
  it('is recorded and checked like a worker, second by second', async () => {
    const { progress, totals, error, result, lockName, left } = await drive('good', {
      scenario: { durationMs: 2_500 },
    });
    expect(error).toBeUndefined();
    expect(lockName).toBe('fixture');
    expect(progress.map(({ kind }) => kind)).toEqual(['ready', 'interval', 'interval', 'finished']);
    const seconds = progress.flatMap((told) => (told.kind === 'ready' ? [] : [told]));
    expect(seconds.map(({ index, lengthMs }) => [index, lengthMs])).toEqual([
      [0, 1_000],
      [1, 1_000],
      [2, 500],
    ]);
    // It reports an operation a millisecond for each of two clients, whenever its frames come.
    expect(seconds.map(({ recorded }) => recorded.counts.acquired)).toEqual([2_000, 2_000, expect.closeTo(998, -1)]);
    expect(totals.grantedInWindow).toBe(totals.counts.acquired);
    expect(totals.histograms['acquire.response'].quantile(0.5)).toBe(250);
    expect(seconds.reduce((sum, { witnessed }) => sum + witnessed.witnessed, 0)).toBe(totals.counts.acquired);
    expect(result?.acquiredPerSlot).toEqual([totals.counts.acquired / 2, totals.counts.acquired / 2]);
    expect(result).toMatchObject({ adapterError: undefined, unchecked: 0, witnessed: { contractCount: 0 } });
    expect(left).toEqual([]);
  });

  it('may report a hundred thousand operations a second, and none is missed', async () => {
    const { totals, result, error } = await drive('fast', { scenario: { concurrency: 20 }, limits: DRIVER_LIMITS });
    expect(error).toBeUndefined();
    expect(totals.counts.acquired).toBe(99_980);
    expect(result).toMatchObject({ unchecked: 0, acquiredPerSlot: Array.from({ length: 20 }, () => 4_999) });
  });

  it('is convicted when its lock lets two clients in', async () => {
    const { progress } = await drive('good', { scenario: { keys: { kind: 'single' } } });
    const overlaps = progress.flatMap((told) => (told.kind === 'ready' ? [] : told.witnessed.contract));
    expect(overlaps[0]).toMatchObject({ keyIndex: 0, holder: '0.0', intruder: '0.1' });
  });

  it('is not taken for tested when its promises end before its locks are granted', async () => {
    const { totals, result, error } = await drive('promises-little', { scenario: { keys: { kind: 'single' } } });
    expect(error).toBeUndefined();
    expect(totals.counts.acquired).toBeGreaterThan(100);
    expect(result).toMatchObject({ witnessed: { witnessed: 0, contractCount: 0 }, unchecked: 0 });
    expect(result!.grantedExpired).toBe(totals.counts.acquired);
  });

  it('is compared with the other drivers of the run', async () => {
    const { progress, error } = await drive('good', { scenario: { keys: { kind: 'single' }, workers: 2 } });
    expect(error).toBeUndefined();
    const overlaps = progress.flatMap((told) => (told.kind === 'ready' ? [] : told.witnessed.contract));
    expect(overlaps[0]).toMatchObject({ keyIndex: 0, holder: '0.0', intruder: '1.0' });
  });

  it('ends early when the run is stopped, with what it measured', async () => {
    const { result, totals, error } = await drive('good', { scenario: { durationMs: 60_000 }, stopAfterMs: 300 });
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ index: 0 });
    expect(result!.lengthMs).toBeLessThan(1_000);
    expect(totals.counts.acquired).toBeGreaterThan(100);
  });

  it('tells how busy it was, and what its lock threw', async () => {
    const busy = await drive('busy');
    expect(busy.result!.self.eventLoopUtilization).toBeGreaterThan(0.5);
    expect(busy.result!.processCpuSeconds).toBeGreaterThan(0.3);
    const threw = await drive('threw');
    expect(threw.result!.self.eventLoopUtilization).toBeLessThan(0.2);
    expect(threw.result!.adapterError).toBe('RuntimeError: planted');
  });

  it('is dead at once when the run has it killed', async () => {
    const { error, totals, left } = await drive('good', { scenario: { durationMs: 60_000 }, killAfterMs: 500 });
    expect(error).toBe('the driver died before it finished: signal SIGKILL');
    expect(totals.counts.acquired).toBeGreaterThan(50);
    expect(left).toEqual([]);
  });

  it('is ended when it does not end by itself, and its result stands', async () => {
    const { result, error, left } = await drive('lingering');
    expect(error).toBeUndefined();
    expect(result!.recorded.counts.acquired).toBeGreaterThan(100);
    expect(left).toEqual([]);
  });
});

describe('a driver that goes wrong under load is stopped with one sentence, and what it had reported is kept:', () => {
  it.each([
    ['returned-early', /^the driver lied: an operation returned 1\.00 µs before it was invoked; it was stopped$/],
    ['intended-late', /^the driver lied: an operation was invoked 1\.00 µs before it was intended; it was stopped$/],
    ['released-early', /^the driver lied: a lock was released 1\.00 µs before it was acquired; it was stopped$/],
    ['release-ended-early', /^the driver lied: a release ended 1\.00 µs before it began; it was stopped$/],
    ['future', /^the driver lied: a release ended 3600 s in the future; it was stopped$/],
    ['before-barrier', /^the driver lied: an operation was intended \d+ s before the start; it was stopped$/],
    ['client', /^the driver lied: an operation was of client 2, of 2 counted from 0; it was stopped$/],
    ['key', /^the driver lied: an operation was on key 7, expected 0 to 1; it was stopped$/],
    [
      'promise-before-invoked',
      /^the driver lied: the promise of a lock ended 1\.00 µs before it was asked for; it was/,
    ],
    ['attempts-0', /^the driver lied: a lock was acquired after 0 attempts; it was stopped$/],
    ['never-released', /^the driver lied: a lock was acquired and never released; it was stopped$/],
    ['held-and-released', /^the driver lied: an operation that was held was released; it was stopped$/],
    ['two-at-once', /^the driver lied: client 0 had two operations at once; it was stopped$/],
    ['behind-watermark', /^the driver lied: a lock was released .* before the watermark of an earlier frame; it was/],
    ['dropped-in-closed-loop', /^the driver lied: it dropped an operation in a closed loop; it was stopped$/],
    [
      'intended-in-closed-loop',
      /^the driver lied: an operation was intended before it was invoked, in a closed loop; /,
    ],
    ['watermark-back', /^the driver lied: its watermark went back by .*; it was stopped$/],
    ['watermark-future', /^the driver lied: its watermark was .* in the future; it was stopped$/],
    ['cpu-back', /^the driver lied: its CPU time went back by .*; it was stopped$/],
    ['early-finish', /^the driver lied: it finished \d\.\d+ s before the end; it was stopped$/],
    ['status', /^the driver sent garbage: expected a status from 0 to 6 .*, got 9 and 1; it was stopped$/],
    [
      'garbage',
      /^the driver sent garbage: expected a frame, which begins with RLBD, got "Segmentation fault\\n"; it was/,
    ],
    ['json', /^the driver sent garbage: expected a JSON object, got "\{\\"kind\\":"; it was stopped$/],
    ['type', /^the driver sent garbage: expected a frame of type 1 or 2, got type 3; it was stopped$/],
    [
      'ragged',
      /^the driver sent garbage: expected 16 bytes and records of 64, got a frame of 79 bytes; it was stopped$/,
    ],
    ['talkative', /^the driver sent garbage: expected finished, got progress; it was stopped$/],
    ['big-frame', /^the driver flooded: expected frames of at most 1048576 bytes, got 2147483648; .*; it was stopped$/],
    ['flood', /^the driver flooded: it wrote more than 1048576 bytes within a second; it was stopped$/],
    ['stderr-flood', /^the driver flooded: it wrote more than 1048576 bytes within a second; it was stopped$/],
    ['stall', /^the driver stalled: it reported nothing for 1s; it was stopped$/],
    ['stubborn', /^the driver stalled: it reported nothing for 1s; it was stopped$/],
    ['die', /^the driver died before it finished: exit code 3; it said: first line \| segmentation fault, nearly$/],
    ['leak-in-kind', /^the driver sent garbage: expected finished, got \*\*\*; it was stopped$/],
    ['leak-in-garbage', /^the driver sent garbage: .* got "Connecting with AUTH \*\*\*"; it was/],
    ['leak', /^the driver died before it finished: exit code 1; it said: cannot connect .*"password":"\*\*\*"/],
  ])('%s', async (mode, sentence) => {
    const isMute = mode === 'stall' || mode === 'stubborn';
    const { error, progress, totals, result, left } = await drive(mode, {
      scenario: { durationMs: 10_000 },
      limits: isMute ? { silenceMs: 1_000 } : {},
    });
    expect(error).toMatch(sentence);
    expect(error).not.toContain(PASSWORD);
    expect(result).toBeUndefined();
    const seconds = progress.flatMap((told) => (told.kind === 'interval' ? [told] : []));
    expect(totals.counts.acquired).toBeGreaterThan(50);
    expect(seconds[0]!.recorded.counts.acquired).toBe(totals.counts.acquired);
    expect(seconds.reduce((sum, { witnessed }) => sum + witnessed.witnessed, 0)).toBe(totals.counts.acquired);
    await eventually(() => !left.some(isAlive));
  });

  it.each<[string, RegExp, ScenarioInput]>([
    ['unfinished-watermark', /^the driver lied: it finished with a watermark .* before the end; it was stopped$/, {}],
    [
      'idle-schedule',
      /^the driver lied: it reported 0 starts, the schedule has about 100; it was stopped$/,
      { concurrency: undefined, ratePerSecond: 100, arrivals: 'constant', inFlight: 2 },
    ],
  ])('%s, at its end', async (mode, sentence, scenario) => {
    const { error, result } = await drive(mode, { scenario });
    expect(error).toMatch(sentence);
    expect(result).toBeUndefined();
  });

  it('dies between its readiness and the start', async () => {
    const { error } = await drive('dies-before-start', { barrierAfterMs: 500 });
    expect(error).toBe('the driver died before the start: exit code 4');
  });
});

describe('a driver that cannot do the run is refused before the load:', () => {
  it.each<[string, string, RegExp, Staging]>([
    [
      'a command that does not exist',
      '',
      /expected a command that can be started, got spawn \S+ ENOENT; see/,
      { command: ['/no-driver'] },
    ],
    [
      'one that ends at once',
      '',
      /expected \S+ to get ready, got exit code 1; it said: .*no-module/,
      { command: [process.execPath, '/no-module.mjs'] },
    ],
    ['no hello', 'silent', /expected a hello within 200ms, got none$/, { limits: { answerMs: 200 } }],
    ['no readiness', 'unready', /expected ready within 3s, got none$/, { limits: { answerMs: 3_000 } }],
    ['another protocol', 'other-protocol', /expected protocol 1, got 2; use a driver of this version$/, {}],
    [
      'a hello that would colour the terminal',
      'escape',
      /expected a hello as in drivers\/README.md, got none or a wrong version$/,
      {},
    ],
    [
      'reports before the start',
      'early',
      /^the driver lied: it reported operations before the start; it was stopped$/,
      {},
    ],
    ['more masters than it can', 'good', /fixture locks on at most 1, got 3 masters; use --masters 1$/, { masters: 3 }],
    [
      'a loop that it cannot',
      'good',
      /fixture can do closed, got a loop that is poisson;/,
      { scenario: { concurrency: undefined, ratePerSecond: 10 } },
    ],
    [
      'a lock that leaves keys behind, on servers of others',
      'leaves-keys',
      /fixture can leave keys behind, so it needs masters that this run spawned, got --endpoint; use --masters$/,
      { scenario: { endpoints: ['redis://127.0.0.1:1'] } },
    ],
    [
      'keys that it cannot',
      'good',
      /fixture can do --keys uncontended, single, got uniform$/,
      { scenario: { keys: { kind: 'uniform', keys: 2 } } },
    ],
  ])('%s', async (_, mode, sentence, staging) => {
    const { error, progress, left } = await drive(mode, staging);
    expect(error).toMatch(sentence);
    expect(progress.filter(({ kind }) => kind !== 'ready')).toEqual([]);
    expect(left).toEqual([]);
  });
});
