import { constantPacer, poissonPacer, stripedPacer } from '../../src/load/pacer.js';
import { createRecorder } from '../../src/load/recorder.js';
import { allocateWitness, Witness } from '../../src/load/witness.js';
import { zipfSampler } from '../../src/load/zipf.js';
import { Histogram } from '../../src/model/histogram.js';
import type { Operation } from '../../src/model/operation.js';
import { seededRandom } from '../../src/model/random.js';
import { msToNs, systemClock, usToNs } from '../../src/model/time.js';
import type { MicroBench } from './micro-bench.js';

const forever = { startNs: 0, endNs: Infinity };

/** What the generator does for every operation beside the lock itself. */
export const loadBenches: readonly MicroBench[] = [
  { name: 'clock: one reading', prepare: () => () => systemClock.nowNs() },
  {
    name: 'pacer: constant',
    prepare: () => {
      const pacer = constantPacer(forever, 1_000);
      return () => pacer.next();
    },
  },
  {
    name: 'pacer: poisson, one stripe of four',
    prepare: () => {
      const pacer = stripedPacer(poissonPacer(forever, 1_000, seededRandom(1)), 0, 4);
      return () => pacer.next();
    },
  },
  {
    name: 'zipf: one of 1,000,000 keys, theta 0.99',
    prepare: () => zipfSampler(1_000_000, 0.99, seededRandom(1)),
  },
  {
    name: 'witness: enter and leave',
    prepare: () => {
      const witness = new Witness(allocateWitness(64, 64), systemClock, String);
      let slot = 0;
      return () => {
        slot = (slot + 1) % 64;
        witness.leave(slot, witness.enter(slot, slot, Infinity), 1);
      };
    },
  },
  {
    name: 'histogram: one record',
    prepare: () => {
      const histogram = new Histogram();
      const random = seededRandom(1);
      return () => {
        histogram.recordNs(random.next() * usToNs(20_000));
      };
    },
  },
  {
    name: 'recorder: one operation begins and ends',
    prepare: () => {
      const recorder = createRecorder(5, 64, true);
      recorder.openWindow(forever);
      let atNs = 0;
      return () => {
        recorder.began(++atNs);
        recorder.ended(++atNs);
      };
    },
  },
  { name: 'recorder: one acquired operation', prepare: recordOperations },
];

function recordOperations(): () => void {
  const recorder = createRecorder(5, 64, true);
  recorder.openWindow(forever);
  const operation: Operation = {
    worker: 0,
    slot: 3,
    keyIndex: 3,
    status: 'acquired',
    intendedNs: 0,
    invokedNs: usToNs(10),
    returnedNs: usToNs(350),
    attempts: 1,
    validUntilNs: msToNs(9_898),
    releaseInvokedNs: msToNs(1),
    releasedNs: msToNs(1.3),
    releaseStatus: 'released',
  };
  return () => {
    recorder.record(operation);
  };
}
