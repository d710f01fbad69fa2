import { expect, it } from 'vitest';
import { cutToWidth, textWidth } from './text-width.js';

it.each([
  ['redlock', 7],
  ['p99 1.50 µs ±3 –', 16],
  ['錠前', 4],
  ['자물쇠', 6],
  ['🔒lock', 6],
  ['e\u0301', 1],
  ['━━', 2],
])('takes %j to be so many columns wide', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

it.each([
  ['redlock', 7, 'redlock'],
  ['redlock', 6, 'redlo…'],
  ['錠前錠前', 8, '錠前錠前'],
  ['錠前錠前', 7, '錠前錠…'],
  ['錠前錠前', 6, '錠前…'],
  ['redlock', 0, ''],
])('cuts %j to %i columns', (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
});
