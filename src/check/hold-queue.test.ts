import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HoldQueue } from './hold-queue.js';
import type { Hold } from './hold.js';

const CAPACITY = 8;

const anyHold: fc.Arbitrary<Hold> = fc.record({
  keyIndex: fc.nat(1),
  holder: fc.nat(1),
  grantedNs: fc.nat(2),
  releaseInvokedNs: fc.nat(4),
  validUntilNs: fc.constantFrom(3, Infinity),
});

it('gives the earliest release first, and takes no more than it has room for', () => {
  const add = fc.record({ add: anyHold });
  fc.assert(
    fc.property(fc.array(fc.oneof({ arbitrary: add, weight: 2 }, fc.constant('take' as const))), (steps) => {
      const queue = new HoldQueue(CAPACITY);
      const model: Hold[] = [];
      for (const step of steps) {
        if (step !== 'take') {
          expect(queue.add(step.add)).toBe(model.length < CAPACITY);
          if (model.length < CAPACITY) model.push(step.add);
        } else if (model.length > 0) {
          model.sort((a, b) => a.releaseInvokedNs - b.releaseInvokedNs || compareRest(a, b));
          expect(queue.take()).toEqual(model.shift());
        }
        expect(queue.nextReleaseNs).toBe(Math.min(...model.map((hold) => hold.releaseInvokedNs)));
      }
    }),
  );
});

function compareRest(a: Hold, b: Hold): number {
  const [one, other] = [a, b].map((hold) => [hold.grantedNs, hold.validUntilNs, hold.holder, hold.keyIndex]);
  const place = one!.findIndex((value, index) => value !== other![index]);
  return place < 0 ? 0 : one![place]! < other![place]! ? -1 : 1;
}
