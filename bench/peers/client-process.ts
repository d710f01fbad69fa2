/**
 * A client process: one contender, one measurement, so that the CPU it uses is that client's and nobody else's.
 *
 * @module
 */
import { once } from 'node:events';
import { toError } from '../../src/model/errors.js';
import type { ClientMessage, ClientTask, ReportOf } from './client-task.js';
import { prepareContended } from './contended.js';
import { preparePairs } from './pairs.js';
import { prepareRenewal } from './renewal.js';

function prepare(task: ClientTask): Promise<() => Promise<ReportOf[keyof ReportOf]>> {
  switch (task.kind) {
    case 'pairs':
      return preparePairs(task);
    case 'contended':
      return prepareContended(task);
    case 'renewal':
      return prepareRenewal(task);
  }
}

async function serve(task: ClientTask): Promise<ClientMessage> {
  try {
    const measure = await prepare(task);
    const go = once(process, 'message');
    tell({ kind: 'ready' });
    await go;
    return { kind: 'done', report: await measure() };
  } catch (thrown) {
    const { name, message } = toError(thrown);
    return { kind: 'failed', reason: `${name}: ${message}` };
  }
}

function tell(message: ClientMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

// The parent ends this process, by closing the channel or by its own death; connections and threads end with it.
process.on('disconnect', () => process.exit(0));
// It may have died while this process was still loading, before anybody listened.
if (!process.connected) process.exit(0);
tell(await serve(JSON.parse(process.argv[2] ?? '') as ClientTask));
