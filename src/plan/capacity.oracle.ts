/**
 * Masters of a known speed, each acquisition one request: what the search finds is what the theory of queues says.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder, measureCli, runCli } from '../cli/cli.fixture.js';
import type { CapacityReport } from '../model/capacity.js';
import { msToNs, sToNs, type Ns } from '../model/time.js';
import { md1CapacityPerSecond } from './queueing.js';

const LIMIT_MS = 10;
const lock = new URL('one-request-lock.fixture.mjs', import.meta.url).pathname;

function mastersOf(serviceRate: number): string[] {
  return [
    '--masters',
    '1',
    '--service-rate',
    String(serviceRate),
    '--lock',
    lock,
    '--in-flight',
    '5000',
    '--node-timeout',
    '1s',
  ];
}

/** What proxy, server and client take beside the service, on a master that nobody waits for. */
async function overheadNs(serviceRate: number): Promise<Ns> {
  const words = [...mastersOf(serviceRate), '--rate', '50', '--arrivals', 'constant', '--duration', '5s'];
  const { result } = await measureCli(words);
  return Math.max(0, result.acquire.response.p50Ns - sToNs(1) / serviceRate);
}

/** From a rate that is met for certain, so that every step is near the answer and has records enough for its p99. */
async function search(serviceRate: number, predictedPerSecond: number): Promise<CapacityReport> {
  return inFolder(async (folder) => {
    const slo = ['--slo', `acquire.response: p(99)<${String(LIMIT_MS)}ms`];
    const bounds = ['--from', String(Math.round(0.75 * predictedPerSecond)), '--up-to', String(serviceRate * 2)];
    const steps = ['--precision', '5%', '--duration', '6s', '--no-scaling', '--seed', '11'];
    const words = [...mastersOf(serviceRate), ...slo, ...bounds, ...steps];
    const { stdout, stderr } = await runCli(['capacity', ...words, '--json', '--out', path.join(folder, 'capacity')]);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as CapacityReport;
  });
}

describe('a master that serves requests one after another', () => {
  it.each([500, 1_000, 5_000])(
    'of %d a second has the capacity that M/D/1 predicts',
    { timeout: 900_000 },
    async (rate) => {
      const serviceNs = sToNs(1) / rate;
      const overhead = await overheadNs(rate);
      // Every operation pays the overhead once, so it is taken off the limit.
      const predicted = md1CapacityPerSecond(serviceNs, 0.99, msToNs(LIMIT_MS) - overhead);
      const { answer, bottleneck } = await search(rate, predicted);
      if (answer.kind !== 'bracket') throw new Error(`expected a bracket, got ${JSON.stringify(answer)}`);
      expect(Math.abs(answer.meetsPerSecond - predicted) / predicted).toBeLessThan(0.1);
      expect(Math.abs(answer.missesPerSecond - predicted) / predicted).toBeLessThan(0.1);
      expect(bottleneck.kind).toBe('masters-rate');
    },
  );
});
