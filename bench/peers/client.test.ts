import { expect, it } from 'vitest';
import type { PairsTask } from './client-task.js';
import { ClientFailedError, runClient } from './client.js';

const task: PairsTask = {
  kind: 'pairs',
  contender: 'nobody',
  urls: [],
  inFlight: 1,
  ttlMs: 1_000,
  warmupMs: 0,
  measureMs: 10,
  pauseMs: 0,
};

it('says why a client could not measure', async () => {
  const run = runClient(task, { signal: new AbortController().signal });
  await expect(run).rejects.toThrow(ClientFailedError);
  await expect(run).rejects.toThrow('nobody: expected a report, got Error: expected the name of a contender');
});

it('fails a client that takes too long', async () => {
  const run = runClient(task, { signal: new AbortController().signal, graceMs: 0 });
  await expect(run).rejects.toThrow('nobody: expected a report, got none within 10ms');
});

it('ends the process and gives the reason when it is aborted', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const run = runClient(task, { signal: controller.signal });
  controller.abort(reason);
  await expect(run).rejects.toBe(reason);
});
