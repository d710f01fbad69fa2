import { Histogram } from '../../src/model/histogram.js';
import { seededRandom } from '../../src/model/random.js';
import { usToNs } from '../../src/model/time.js';
import type { MicroBench } from './micro-bench.js';

const RECORDS = 10_000;
const random = seededRandom(1);

/** What a second's snapshot costs, once a second: draining in the worker, merging and encoding in the parent. */
export const encodeBenches: readonly MicroBench[] = [
  {
    name: 'histogram: drain and merge 10,000 records',
    batch: 1,
    prepare: () => {
      const worker = filled();
      const parent = new Histogram();
      return () => {
        const snapshot = worker.drain();
        parent.absorb(snapshot);
        worker.absorb(snapshot);
      };
    },
  },
  {
    name: 'histogram: summarise and encode 10,000 records',
    batch: 1,
    prepare: () => {
      const histogram = filled();
      return () => histogram.summarizeLatency();
    },
  },
];

function filled(): Histogram {
  const histogram = new Histogram();
  for (let i = 0; i < RECORDS; i++) histogram.recordNs(random.next() * usToNs(5_000));
  return histogram;
}
