import { expect, it } from 'vitest';
import { parseFlags } from './flags.js';

const ROWS = ['pairs', 'latency'];

it('measures all rows in five rounds by default', () => {
  expect(parseFlags([], ROWS)).toEqual({ isQuick: false, rows: ROWS, rounds: 5, jsonFile: undefined });
});

it('takes rows, rounds and a file', () => {
  expect(parseFlags(['--rows', 'latency', '--rounds', '3', '--json', 'out.json'], ROWS)).toEqual({
    isQuick: false,
    rows: ['latency'],
    rounds: 3,
    jsonFile: 'out.json',
  });
});

it('does one round when it is to be quick', () => {
  expect(parseFlags(['--quick'], ROWS)).toMatchObject({ isQuick: true, rounds: 1 });
});

it('says every problem at once', () => {
  expect(() => parseFlags(['--rows', 'pears', '--rounds', '0'], ROWS)).toThrow(
    '--rows: expected some of pairs,latency, got pears\n--rounds: expected a whole number from 1 to 100, got 0',
  );
  expect(() => parseFlags(['--wrong'], ROWS)).toThrow('--wrong');
});
