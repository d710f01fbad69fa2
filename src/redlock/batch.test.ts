import { expect, it } from 'vitest';
import { Batch } from './batch.js';

const [a, b] = [{}, {}];

it('gives those that ask the same in the same order one and the same batch', () => {
  const empty = new Batch();
  const first = empty.with(a, 'A').with(b, 'B');
  const second = empty.with(a, 'A').with(b, 'B');
  expect(first.text).toBe('AB');
  expect(second).toBe(first);
});

it('gives each its own where they part, and only from there', () => {
  const empty = new Batch();
  const first = empty.with(a, 'A');
  const other = empty.with(a, 'A').with(b, 'B').with(a, 'A');
  const more = first.with(a, 'A').with(b, 'B');
  expect([first.text, other.text, more.text]).toEqual(['A', 'ABA', 'AAB']);
  expect(empty.with(b, 'B').text).toBe('B');
  expect(empty.text).toBe('');
});

it('lets go of what follows', () => {
  const empty = new Batch();
  const first = empty.with(a, 'A');
  empty.forget();
  expect(empty.with(a, 'A')).not.toBe(first);
});
