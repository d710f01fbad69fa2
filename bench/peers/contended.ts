/**
 * In the client process: worker threads whose contenders want one key.
 *
 * @module
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { keyPrefix, type ContendedReport, type ContendedTask } from './client-task.js';
import { OVERLAPS, WITNESS_CELLS, type ThreadReport, type ThreadTask } from './thread-task.js';

/** Starts the threads and waits until every contender is connected; the returned function measures. */
export async function prepareContended(task: ContendedTask): Promise<() => Promise<ContendedReport>> {
  const witness = new Int32Array(new SharedArrayBuffer(WITNESS_CELLS * Int32Array.BYTES_PER_ELEMENT));
  const workerData: ThreadTask = { task, key: `${keyPrefix(process.pid)}contended`, witness };
  const threads = Array.from({ length: task.threads }, () => {
    return new Worker(new URL('./contended-thread.js', import.meta.url), { workerData });
  });
  // `once` rejects when a thread dies of an error first.
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  return async () => {
    const answers = threads.map(async (thread): Promise<ThreadReport> => {
      const [report] = (await once(thread, 'message')) as [ThreadReport];
      return report;
    });
    for (const thread of threads) thread.postMessage('go');
    const reports = await Promise.all(answers);
    return {
      tallies: reports.flatMap(({ tallies }) => tallies),
      wallNs: Math.max(...reports.map(({ wallNs }) => wallNs)),
      overlaps: Atomics.load(witness, OVERLAPS),
    };
  };
}
