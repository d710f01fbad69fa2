import { expect, it } from 'vitest';
import { interleave, type Bench } from './bench.js';
import { ClientFailedError } from './client.js';
import type { Contender } from './contender.js';

const bench: Bench = { signal: new AbortController().signal, rounds: 3, isQuick: true, announce: () => undefined };
const contenders = ['a', 'b', 'c'].map((name): Contender => ({
  name,
  isOurs: false,
  given: '',
  open: () => Promise.reject(new Error('not here')),
}));

it('measures all in every round, each round beginning with another one, and every other one backwards', async () => {
  const order: string[] = [];
  const measured = await interleave(bench, {
    label: 'row',
    contenders,
    rounds: 3,
    measure: async ({ name }) => order.push(name),
  });
  expect(order.join('')).toBe('abcbaccab');
  expect(measured.map(({ name, reports }) => [name, ...reports])).toEqual([
    ['a', 1, 5, 8],
    ['b', 2, 4, 9],
    ['c', 3, 6, 7],
  ]);
});

it('goes on after a round that failed, and keeps the reason', async () => {
  let calls = 0;
  const [first, second] = await interleave(bench, {
    label: 'row',
    contenders: contenders.slice(0, 2),
    rounds: 2,
    measure: async ({ name }) => {
      calls++;
      if (name === 'a' && calls === 1) throw new ClientFailedError('a: died');
      return calls;
    },
  });
  expect(first).toEqual({ name: 'a', isOurs: false, reports: [undefined, 4], failure: 'a: died' });
  expect(second).toEqual({ name: 'b', isOurs: false, reports: [2, 3], failure: undefined });
});

it('ends at any other failure', async () => {
  const measure = (): Promise<never> => Promise.reject(new Error('no server'));
  await expect(interleave(bench, { label: 'row', contenders, rounds: 1, measure })).rejects.toThrow('no server');
});
