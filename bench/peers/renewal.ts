/**
 * In the client process: many locks, kept alive.
 *
 * @module
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToIo, setTimeout as sleep } from 'node:timers/promises';
import { systemClock, usToNs } from '../../src/model/time.js';
import { keyPrefix, type RenewalReport, type RenewalTask } from './client-task.js';
import type { OpenClient } from './contender.js';
import { contenderNamed } from './contenders.js';

/** Taking them should not take long, nor drown the first renewals. */
const IN_FLIGHT = 128;

/** Connects; the returned function takes all locks, and then measures what keeping them costs. */
export async function prepareRenewal(task: RenewalTask): Promise<() => Promise<RenewalReport>> {
  const client = await contenderNamed(task.contender).open(task.urls);
  const prefix = keyPrefix(process.pid);
  return async () => {
    const beginNs = systemClock.nowNs();
    const signals = await takeAll(client, task, prefix);
    const startNs = systemClock.nowNs();
    const cpuAtStart = process.cpuUsage();
    const loopAtStart = performance.eventLoopUtilization();
    await sleep(task.measureMs);
    const { utilization } = performance.eventLoopUtilization(loopAtStart);
    const { user, system } = process.cpuUsage(cpuAtStart);
    // Not closed: the parent counts the keys while this process still keeps them alive.
    return {
      takingNs: startNs - beginNs,
      utilization,
      cpuNs: usToNs(user + system),
      wallNs: systemClock.nowNs() - startNs,
      lost: signals.filter((signal) => signal.aborted).length,
    };
  };
}

async function takeAll(client: OpenClient, { locks, ttlMs }: RenewalTask, prefix: string): Promise<AbortSignal[]> {
  const signals: AbortSignal[] = [];
  let next = 0;
  const takeSome = async (): Promise<void> => {
    while (next < locks) {
      const key = `${prefix}${String(next++)}`;
      let held = await client.acquire(key, ttlMs);
      while (held === undefined) {
        await yieldToIo();
        held = await client.acquire(key, ttlMs);
      }
      const signal = client.keepAlive?.(held);
      if (signal === undefined) throw new Error('expected a client that keeps locks alive');
      signals.push(signal);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, takeSome));
  return signals;
}
