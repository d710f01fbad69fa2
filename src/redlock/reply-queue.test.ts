import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReplyQueue } from './reply-queue.js';

it('gives back what was put in, in order, however it grows and wraps', () => {
  const step = fc.oneof(fc.record({ push: fc.nat(700) }), fc.record({ drop: fc.nat(700) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const queue = new ReplyQueue<number, string>();
      const model: number[] = [];
      let next = 1;
      for (const one of steps) {
        if ('push' in one) {
          for (let i = 0; i < one.push; i++, next++) {
            queue.push(next, `asker ${String(next)}`);
            model.push(next);
          }
        } else {
          for (let i = 0; i < one.drop && model.length > 0; i++) {
            const expected = model.shift();
            expect([queue.question, queue.asker]).toEqual([expected, `asker ${String(expected)}`]);
            queue.drop();
          }
        }
        expect(queue.size).toBe(model.length);
      }
      expect(queue.question).toBe(model[0]);
    }),
    { numRuns: 50 },
  );
});
