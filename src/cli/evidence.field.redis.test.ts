/**
 * What a run counts about itself and its machine, held against what is known from elsewhere.
 */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nsToS, systemClock } from '../model/time.js';
import { readProcessStat } from '../servers/process-stat.js';
import { measureCli } from './cli.fixture.js';

const TIMING = ['--warmup', '300ms', '--duration', '2s'];

describe('the operations under way', () => {
  it('are as many as Little’s law makes of their rate and their times', async () => {
    const words = ['--masters', '1', '--workers', '2', '--rate', '200', '--hold', '20ms', '--node-timeout', '2s'];
    const { result } = await measureCli([...words, ...TIMING]);
    const { acquire, hold, release, inFlight } = result;
    const expected = acquire.ratePerSecond * nsToS(acquire.service.meanNs + hold.meanNs + release.meanNs);
    expect(inFlight?.mean).toBeGreaterThan(0.85 * expected);
    expect(inFlight?.mean).toBeLessThan(1.15 * expected);
    expect(inFlight?.max).toBeGreaterThan(inFlight?.mean ?? Infinity);
  });
});

describe.skipIf(process.platform !== 'linux')('the CPU that others used', () => {
  it('is at least that of a spinner beside the run', async () => {
    const spinner = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    try {
      const pid = spinner.pid ?? 0;
      const beganNs = systemClock.nowNs();
      const { result } = await measureCli(['--masters', '1', '--concurrency', '4', ...TIMING]);
      const spunShare = (readProcessStat(pid)?.cpuTicks ?? 0) / 100 / nsToS(systemClock.nowNs() - beganNs);
      // The spinner may have had more of the machine before and after the window than within it.
      expect(result.health.otherCpuSeconds).toBeGreaterThan(0.5 * spunShare * 2);
    } finally {
      spinner.kill('SIGKILL');
    }
  });
});

describe('masters that serve 200 requests a second', () => {
  // Each lock is two requests: one that takes it and one that releases it.
  it.each([
    ['one worker', ['--workers', '1']],
    ['two workers in two zones', ['--workers', '2', '--rtt', '1ms;2ms']],
  ])('give a hundred locks a second to clients of %s that ask without pause', async (_, words) => {
    const load = ['--masters', '2', '--service-rate', '200', '--concurrency', '8', '--node-timeout', '2s'];
    const { result } = await measureCli([...load, ...words, ...TIMING]);
    expect(result.scenario.serviceRatePerSecond).toBe(200);
    expect(result.acquire.ratePerSecond).toBeLessThan(103);
    expect(result.acquire.ratePerSecond).toBeGreaterThan(90);
    expect(result.safety).toMatchObject({ verdict: 'none-observed', leakedKeys: 0 });
  });
});
