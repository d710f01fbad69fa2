/**
 * Faults of ordinary runs, through the command line, on real masters.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder, runCli, startCli } from '../cli/cli.fixture.js';
import { isMomentary, type FaultReceipt } from '../model/fault.js';
import type { RunResult } from '../model/result.js';
import { compileResultCheck } from '../report/result-schema.js';

interface FaultyRun {
  readonly result: RunResult;
  readonly exitCode: number | null;
  /** What was appended while the run went on. */
  readonly appended: readonly FaultReceipt[];
}

const SMALL = ['--concurrency', '4', '--warmup', '0s', '--node-timeout', '200ms'];

async function disturb(faults: readonly string[], words: readonly string[]): Promise<FaultyRun> {
  return inFolder(async (folder) => {
    const out = path.join(folder, 'run');
    const flags = faults.flatMap((fault) => ['--fault', fault]);
    const { exitCode, stdout, stderr } = await runCli(['run', ...SMALL, ...words, ...flags, '--json', '--out', out]);
    if (stdout === '') throw new Error(`expected a result, got exit code ${String(exitCode)} and:\n${stderr}`);
    return { result: JSON.parse(stdout) as RunResult, exitCode, appended: await readReceipts(out) };
  });
}

async function readReceipts(folder: string): Promise<FaultReceipt[]> {
  const text = await readFile(path.join(folder, 'faults.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FaultReceipt);
}

function expectProven(receipts: readonly FaultReceipt[]): void {
  for (const receipt of receipts) {
    expect(receipt).toMatchObject({ status: 'effective' });
    expect(receipt.appliedNs).toBeLessThanOrEqual(receipt.effectNs ?? -1);
    if (isMomentary(receipt.kind)) expect(receipt.healedNs).toBeNull();
    else expect(receipt.effectNs).toBeLessThanOrEqual(receipt.healedNs ?? -1);
  }
}

describe('a run with faults', () => {
  it('proves what it does to masters, and goes on', async () => {
    const faults = [
      'kill master=1 at=500ms for=500ms',
      'pause master=2 at=2s for=500ms',
      'flush master=3 at=500ms',
      'stall master=3 at=2s for=300ms',
      'evict master=3 at=3s for=300ms',
      'shutdown master=1 at=3s for=300ms',
    ];
    const words = ['--duration', '4s', '--persistence', 'everysec', '--hold', '20ms'];
    const { result, exitCode, appended } = await disturb(faults, words);
    expectProven(result.faults);
    expect(result.faults.map(({ kind }) => kind)).toEqual(['kill', 'flush', 'pause', 'stall', 'evict', 'shutdown']);
    const proofs = Object.fromEntries(result.faults.map(({ kind, proof }) => [kind, proof]));
    expect(proofs['kill']).toMatch(
      /gone, connections get ECONNREFUSED; then it answered again as process \d+, with \d/,
    );
    expect(proofs['pause']).toMatch(/^process \d+ is stopped; then it answered again$/);
    expect(proofs['flush']).toMatch(/^it had \d keys?, and then none$|^it was empty, and then it was emptied$/);
    expect(proofs['evict']).toMatch(
      /policy volatile-ttl, and it evicted a key with a ttl longer than any lock's; then its policy was noeviction/,
    );
    // Each of the lasting ones twice: of its effect, and of its end.
    expect(appended).toHaveLength(11);
    expect(appended.filter(({ healedNs }) => healedNs !== null)).toHaveLength(5);
    expect(result.masters.every(({ reachableAtEnd }) => reachableAtEnd)).toBe(true);
    expect(result.masters.every(({ cpuSeconds }) => cpuSeconds >= 0)).toBe(true);
    expect(result.incidents).toEqual([]);
    // Whose lock was flushed or evicted may have overlapped: the exit code says so.
    expect([0, 3]).toContain(exitCode);
    expect((await compileResultCheck())(result)).toEqual([]);
  });

  it('cuts one client off from one master, and from no other', async () => {
    const { result, exitCode } = await disturb(
      ['cut master=1 client=2 at=500ms for=1s', 'latency master=2 delay=40ms at=500ms for=1s'],
      ['--duration', '3s', '--workers', '2'],
    );
    expectProven(result.faults);
    expect(result.faults.map(({ target }) => target)).toEqual(['client 2 to master 1', 'all clients to master 2']);
    expect(result.faults[0]?.proof).toMatch(
      /^the proxy reset [2-9] connections, a probe's among them, and a new one got/,
    );
    expect(result.acquire.successRatio).toBe(1);
    expect(exitCode).toBe(0);
    expect((await compileResultCheck())(result)).toEqual([]);
  });

  it('proves what it does to ways', async () => {
    const { result } = await disturb(
      [
        'bandwidth master=1 rate=1000 at=500ms for=1s',
        'blackhole master=2 client=1 at=500ms for=500ms',
        'half-open master=2 client=2 at=500ms for=500ms',
        'hold master=3 at=500ms for=500ms',
        'hold-requests master=4 at=500ms for=500ms',
        'hold-replies master=5 at=500ms for=500ms',
        'reset master=2 client=1 at=2s',
        'reset-after-request master=3 at=2s',
      ],
      ['--masters', '5', '--duration', '3s', '--workers', '2'],
    );
    expectProven(result.faults);
    expect(result.faults).toHaveLength(8);
    expect(result.incidents).toEqual([]);
    expect((await compileResultCheck())(result)).toEqual([]);
  });

  it('proves a loss of power, and a jump of the clock where there is a C compiler', async () => {
    const { result } = await disturb(
      ['power-loss master=1 at=500ms for=500ms', 'clock master=2 by=-50s at=500ms for=1s'],
      ['--duration', '2s', '--persistence', 'everysec'],
    );
    const [powerLoss, clock] = result.faults;
    if (powerLoss !== undefined) expectProven([powerLoss]);
    expect(powerLoss?.proof).toMatch(
      /^it was killed, and \d+ bytes of its log that were not surely on the disk were cut/,
    );
    if (clock?.status === 'not-run') expect(clock.proof).toMatch(/C compiler|Linux/);
    else expect(clock?.proof).toBe('its TIME jumped by -50.0 s; then its TIME was as before');
  });

  it('blocks one worker and lets the clock of another jump', async () => {
    const { result, exitCode } = await disturb(
      // Over when the run is: whoever heals it may find the worker gone.
      ['block client=1 at=500ms for=600ms', 'client-clock client=2 by=-50s at=500ms for=1500ms'],
      ['--duration', '2s', '--workers', '2'],
    );
    expectProven(result.faults);
    expect(result.faults[0]?.proof).toMatch(/^its event loop stood still; then it went on after /);
    expect(result.faults[1]?.proof).toMatch(
      /^its Date jumped by -50.0 s; then (its Date jumped by 50.0 s|the client ended, and the fault with it)$/,
    );
    expect(result.health.eventLoopDelay.maxNs).toBeGreaterThan(400_000_000);
    // A closed loop waits; our own client does not ask the wall clock.
    expect(exitCode).toBe(0);
  });

  it('heals what is on when it is interrupted', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'run');
      const faults = ['pause master=1 at=0s for=20s', 'hold master=2 at=100ms for=20s', 'kill master=3 at=25s for=1s'];
      const flags = faults.flatMap((fault) => ['--fault', fault]);
      const run = startCli(['run', ...SMALL, '--duration', '30s', ...flags, '--out', out]);
      await run.shows('1 s of 30 s');
      run.process.kill('SIGINT');
      const { exitCode } = await run.ended;
      const result = JSON.parse(await readFile(path.join(out, 'result.json'), 'utf8')) as RunResult;
      expect(exitCode).toBe(130);
      expectProven(result.faults.slice(0, 2));
      expect(result.faults[2]).toMatchObject({ status: 'not-run', proof: 'the run ended before its time came' });
      expect(result.masters.every(({ reachableAtEnd }) => reachableAtEnd)).toBe(true);
      const healed = (await readReceipts(out)).filter(({ healedNs }) => healedNs !== null);
      expect(healed.map(({ kind }) => kind)).toEqual(['hold', 'pause']);
    });
  });

  it.each<[string[], RegExp]>([
    [
      ['--endpoint', 'redis://127.0.0.1:1', '--fault', 'kill master=1 at=1s for=1s'],
      /^.*--fault: expected masters spawned by/,
    ],
    [['--fault', 'kil master=1'], /--fault "kil master=1": expected one of kill, .*, got "kil";/],
    [
      ['--fault', 'kill master=4 at=1s for=1s'],
      /--fault "kill master=4 at=1s for=1s": expected a master between 1 and 3/,
    ],
    [['--lock', 'process:true', '--fault', 'block client=1 at=1s for=1s'], /expected a lock that runs in threads/],
  ])('refuses %j', async (words, problem) => {
    const { exitCode, stderr } = await runCli(['run', ...words]);
    expect(stderr).toMatch(problem);
    expect(exitCode).toBe(2);
  });
});
