import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { SufferedFaults } from './suffered-faults.js';
import { WorkerFaults, type FaultWord } from './worker-faults.js';

const trueDate = globalThis.Date;
const trueNow = trueDate.now;

afterEach(() => {
  globalThis.Date = trueDate;
  trueDate.now = trueNow;
});

describe('a worker that suffers', () => {
  it('lets its Date jump, and jump back', () => {
    const words: FaultWord[] = [];
    const faults = new SufferedFaults((word) => words.push(word));
    const aheadMs = (): number => new Date().getTime() - new trueDate().getTime();
    faults.obey({ kind: 'set-date', byMs: -50_000 });
    expect(aheadMs()).toBeCloseTo(-50_000, -2);
    faults.obey({ kind: 'set-date', byMs: 0 });
    expect(aheadMs()).toBeCloseTo(0, -2);
    expect(words.map((word) => (word.kind === 'date-set' ? Math.round(word.jumpedMs / 1_000) : word.kind))).toEqual([
      -50, 50,
    ]);
  });

  it('that has ended is known to have, counted from 1', () => {
    const faults = new WorkerFaults(() => undefined);
    faults.bury(1);
    expect([faults.hasEnded(1), faults.hasEnded(2)]).toEqual([false, true]);
  });

  it('tells when it stood still, and its words find whoever asked', async () => {
    const { port1, port2 } = new MessageChannel();
    const faults = new SufferedFaults((word) => {
      port2.postMessage(word);
    });
    const asked = new WorkerFaults((worker, order) => {
      expect(worker).toBe(1);
      faults.obey(order);
    });
    port1.on('message', (word: FaultWord) => {
      asked.hear(1, word);
    });
    const { fromNs, untilNs } = await asked.block(2, 30);
    expect((await untilNs) - fromNs).toBeGreaterThanOrEqual(msToNs(29));
    port1.close();
  });
});
