import { lockFactor, type ComparePreset } from './compare-preset.js';

const HOLDS_MS = [0, 1, 10, 50, 100];
const CLIENTS = [1, 2, 3, 4, 5, 6, 12, 24, 48];
/** Clients were processes there; here they are spread over threads, or over the processes of a driver. */
const MOST_WORKERS = 4;

/**
 * One key, C clients that take it in turns for a hold, counted per client: the one published table of lock throughput
 * that can be repeated. Source: python-redis-lock, examples/bench.rst.
 */
export const pythonRedisLock: ComparePreset = {
  name: 'python-redis-lock',
  description: 'one key, 1 to 48 clients, holds of 0 to 100 ms, counted per client: 90 short runs for two locks',
  base: {
    masters: 1,
    keys: { kind: 'single' },
    ttlMs: 5_000,
    acquireTimeoutMs: 60_000,
    warmupMs: 200,
    durationMs: 2_000,
  },
  factors: [
    {
      name: 'hold',
      levels: HOLDS_MS.map((meanMs) => ({
        label: `${String(meanMs)}ms`,
        input: { hold: { kind: 'constant', meanMs } },
      })),
      isCondition: true,
    },
    {
      name: 'concurrency',
      levels: CLIENTS.map((concurrency) => ({
        label: String(concurrency),
        input: { concurrency, workers: Math.min(concurrency, MOST_WORKERS) },
      })),
      isCondition: true,
    },
    lockFactor('redlock', 'redis-py'),
  ],
  rounds: 1,
};
