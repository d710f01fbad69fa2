import { expect, it } from 'vitest';
import { findOverlap } from './promises.js';

const promise = (client: number, fromNs: number, untilNs: number) => ({ client, fromNs, untilNs });

it('finds two promises that overlap by a nanosecond, the earlier one first', () => {
  const [first, second] = [promise(0, 0, 11), promise(1, 10, 20)];
  expect(findOverlap([second, first])).toEqual({ first, second });
});

it('finds one that lies within an earlier one, behind others that have ended', () => {
  const [long, short, late] = [promise(0, 0, 100), promise(1, 10, 20), promise(2, 50, 60)];
  expect(findOverlap([late, short, long])).toEqual({ first: long, second: short });
  expect(findOverlap([promise(0, 0, 30), promise(1, 30, 100), late])).toEqual({
    first: promise(1, 30, 100),
    second: late,
  });
});

it('accuses neither promises that touch nor one that had ended before it was told', () => {
  expect(findOverlap([promise(0, 0, 10), promise(1, 10, 20)])).toBeUndefined();
  expect(findOverlap([promise(0, 0, 10), promise(1, 5, 4)])).toBeUndefined();
});
