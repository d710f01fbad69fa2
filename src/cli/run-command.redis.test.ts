import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.js';
import { inFolder, measureCli, runCli, startCli } from './cli.fixture.js';

const brokenLock = new URL('../locks/broken-lock.fixture.mjs', import.meta.url).pathname;

const dyingLock = new URL('../locks/dying-lock.fixture.mjs', import.meta.url).pathname;

describe('redlock-bench run', () => {
  it('agrees with the masters about every command, and with itself about every release', async () => {
    const words = [
      '--masters',
      '5',
      '--keys',
      'uncontended',
      '--concurrency',
      '64',
      '--warmup',
      '0s',
      '--duration',
      '2s',
      // So that a busy machine does not turn a release into one whose answer came too late.
      '--node-timeout',
      '2s',
    ];
    const { result, exitCode } = await measureCli(words);
    expect(exitCode).toBe(0);
    expect(result.acquire.counts.acquired).toBeGreaterThan(100);
    const setCalls = result.masters.map(({ commands }) => commands['set']);
    expect(setCalls).toEqual(Array.from({ length: 5 }, () => result.attempts.total));
    const releases = Object.values(result.release.counts).reduce((sum, count) => sum + count, 0);
    expect(releases).toBe(result.acquire.counts.acquired);
    expect(result.release.counts.released).toBe(result.acquire.counts.acquired);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', leakedKeys: 0, contractCount: 0, overruns: 0 });
  });

  it('sees neither kind of overlap when 64 clients of two workers want one key', async () => {
    const words = [
      '--masters',
      '3',
      '--keys',
      'single',
      '--concurrency',
      '64',
      '--workers',
      '2',
      '--duration',
      '2s',
      '--hold',
      '2ms',
    ];
    const { result, exitCode } = await measureCli(words);
    expect(exitCode).toBe(0);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', contractCount: 0, overruns: 0 });
    expect(result.safety.witnessed).toBeGreaterThan(50);
    expect(result.handoff.count).toBeGreaterThan(0);
  });

  it('shows overruns and exits with 0 when holders outlive their ttl', async () => {
    const words = ['--masters', '1', '--keys', 'single', '--concurrency', '8', '--duration', '2s', '--warmup', '0s'];
    const { result, exitCode } = await measureCli([
      ...words,
      '--ttl',
      '50ms',
      '--node-timeout',
      '10ms',
      '--hold',
      '150ms',
      '--allow-overrun',
      // Who is told of a release comes after it; who polls comes when the ttl is over.
      '--wake-up',
      'poll',
    ]);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', contractCount: 0 });
    expect(result.safety.overruns).toBeGreaterThan(0);
    expect(result.release.counts.lost).toBeGreaterThan(0);
    expect(exitCode).toBe(0);
  });

  it('convicts a lock without NX and exits with 3', async () => {
    const words = ['--masters', '1', '--keys', 'single', '--concurrency', '8', '--duration', '1s', '--hold', '2ms'];
    const { result, exitCode } = await measureCli([...words, '--lock', brokenLock]);
    expect(result.safety.verdict).toBe('violation');
    expect(result.safety.contract[0]).toMatchObject({ keyIndex: 0 });
    expect(exitCode).toBe(3);
  });

  it('reports a worker that crashed and keeps the rest of the result', async () => {
    const words = ['--masters', '1', '--workers', '2', '--concurrency', '4', '--warmup', '0s', '--duration', '4s'];
    const { result, exitCode } = await measureCli([...words, '--lock', dyingLock]);
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({ status: 'crashed', safety: { verdict: 'unknown' } });
    expect(result.incidents).toEqual([expect.stringMatching(/^worker \d died: .*planted crash/)]);
    // The dead one's first second was kept; the other one went on to the end.
    expect(result.series).toHaveLength(4);
    expect(result.series.every(({ counts }) => counts.acquired > 0)).toBe(true);
  });

  it('goes on with two of three masters', async () => {
    const { result, exitCode } = await measureCli([
      'one-master-down',
      '--duration',
      '2s',
      '--warmup',
      '0s',
      '--concurrency',
      '4',
    ]);
    expect(exitCode).toBe(0);
    expect(result.acquire.successRatio).toBe(1);
    expect(result.masters.map(({ reachableAtEnd }) => reachableAtEnd)).toEqual([true, false, true]);
    expect(result.masters[1]?.errors).toBeGreaterThan(0);
  });

  it('works over unix sockets', async () => {
    const { result } = await measureCli(['--masters', '3', '--socket', 'unix', '--duration', '1s', '--warmup', '0s']);
    expect(result.masters.every(({ endpoint }) => endpoint.startsWith('unix://'))).toBe(true);
    expect(result.acquire.successRatio).toBe(1);
  });

  it('ends on Ctrl-C with 130 and a result of what there was', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'run');
      const running = startCli(['run', '--masters', '3', '--duration', '10m', '--warmup', '0s', '--out', out]);
      await running.shows('2 s of 600 s');
      running.process.kill('SIGINT');
      const { exitCode, stdout } = await running.ended;
      expect(exitCode).toBe(130);
      expect(stdout).toContain('INTERRUPTED');
      const result = JSON.parse(await readFile(path.join(out, 'result.json'), 'utf8')) as RunResult;
      expect(result.status).toBe('interrupted');
      expect(result.acquire.counts.acquired).toBeGreaterThan(0);
      expect(result.measuredMs).toBeLessThan(600_000);
    });
  });

  it('leaves a manifest and intervals that report can read after SIGKILL', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'run');
      const running = startCli(['run', '--masters', '1', '--duration', '10m', '--warmup', '0s', '--out', out]);
      await running.shows('3 s of 600 s');
      running.process.kill('SIGKILL');
      await running.ended;
      const { exitCode, stdout } = await runCli(['report', out, '--json']);
      expect(exitCode).toBe(4);
      const result = JSON.parse(stdout) as RunResult;
      expect(result.status).toBe('crashed');
      expect(result.acquire.counts.acquired).toBeGreaterThan(0);
      expect(result.series.length).toBeGreaterThanOrEqual(2);
    });
  });

  it('writes the whole folder, and never a password', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'run');
      const { stdout, exitCode } = await runCli([
        'run',
        '--masters',
        '1',
        '--duration',
        '1s',
        '--warmup',
        '0s',
        '--out',
        out,
      ]);
      expect(exitCode).toBe(0);
      expect(await readdir(out)).toEqual(
        expect.arrayContaining([
          'manifest.json',
          'result.json',
          'report.html',
          'charts',
          'histograms',
          'intervals.hlog',
        ]),
      );
      expect((await stat(path.join(out, 'report.html'))).size).toBeLessThan(1.5e6);
      expect(stdout).toContain('none observed in');
    });
  });

  it('prints nothing but the result with --json', async () => {
    await inFolder(async (folder) => {
      const words = [
        'run',
        '--masters',
        '1',
        '--duration',
        '1s',
        '--warmup',
        '0s',
        '--json',
        '--out',
        path.join(folder, 'run'),
      ];
      const { stdout, stderr } = await runCli(words);
      expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, status: 'complete' });
      expect(stderr).toBe('');
    });
  });

  it('exits with 99 when a threshold is crossed, and says which', async () => {
    const words = [
      '--masters',
      '1',
      '--duration',
      '1s',
      '--warmup',
      '0s',
      '--threshold',
      'acquire.response: p(50)<1us',
    ];
    const { result, exitCode } = await measureCli([...words, '--threshold', 'acquire.successRatio>50%']);
    expect(exitCode).toBe(99);
    expect(result.thresholds.map(({ passed }) => passed)).toEqual([false, true]);
  });

  it('repeats keys and arrivals from a seed', async () => {
    const words = ['--masters', '1', '--rate', '200', '--duration', '1s', '--warmup', '0s', '--seed', '7'];
    const [one, two] = [await measureCli(words), await measureCli([...words, '--workers', '2'])];
    const intended = ({ result }: typeof one): number =>
      Object.values(result.acquire.counts).reduce((sum, count) => sum + count, 0);
    expect(intended(two)).toBe(intended(one));
  });
});

describe('redlock-bench, misused', () => {
  it.each<[string[], RegExp]>([
    [['run', '--hold', '20s', '--ttl', '10s'], /--hold: expected less than --ttl 10s, got 20s.*--allow-overrun/],
    [['run', '--rate', '10', '--concurrency', '3'], /--rate, --concurrency: expected one of the two/],
    [['run', '--masters', '0'], /--masters: expected a whole number between 1 and 99, got 0/],
    [['run', '--duration', '10'], /--duration: expected a duration with its unit/],
    [['run', '--rate', 'NaN'], /--rate: expected operations per second/],
    [['run', '--node-timeout', '5s'], /--node-timeout: expected at most a fifth of --ttl/],
    [['run', '--lock', 'nolock'], /nolock/],
    [['run', 'noscenario'], /expected a scenario named tour, /],
    [['run', '--durration', '10s'], /durration/],
    [['run', '--threshold', 'acquire.respons: p(99)<1ms'], /there: counts, successRatio/],
    [['run', '--endpoint', 'redis://u:canary@10.1.2.3:6379'], /--allow-remote/],
    [['run', '--server', '/no/such/server'], /\/no\/such\/server/],
    [['report', '/no/such/folder'], /\/no\/such\/folder/],
    [['run', '--masters', '5', '--endpoint', 'redis://127.0.0.1:1'], /--masters, --endpoint: expected one of the two/],
    [['run', '--arrivals', 'constant'], /--arrivals: expected with --rate/],
    [['run', '--burst', '2'], /--burst: expected with --rate/],
    [['run', '--rtt', '1ms;2ms'], /--rtt: .*use --workers 2/],
    [['run', 'killed-holder', '--workers', '1'], /--workers: expected at least 2, got 1;/],
    [['run', 'killed-holder', '--lock', 'redis-py'], /--lock redis-py: expected a lock that runs in threads/],
    [
      ['run', '--lock', 'setnx', '--endpoint', 'redis://127.0.0.1:1'],
      /--lock setnx: expected masters spawned by this run, .*use --masters/,
    ],
    [['run', '--masters'], /masters|argument/],
    [['run', '--out', '/dev/null/x'], /--out: expected a folder that can be written/],
    [['run', '--out', ''], /--out|argument/],
    [['run', '--endpoint', 'redis://127.0.0.1:1'], /expected a Redis server, got/],
    [['rnu'], /run/],
    [[], /expected a command/],
  ])('%j is refused in plain lines with exit code 2', async (words, message) => {
    const { exitCode, stdout, stderr } = await runCli(words);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain('canary');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('tells all problems at once', async () => {
    const { stderr } = await runCli(['run', '--masters', '0', '--workers', '0', '--hold', '20s']);
    expect(stderr.trim().split('\n')).toHaveLength(3);
  });
});
