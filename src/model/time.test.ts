import { describe, expect, it } from 'vitest';
import { formatDurationMs, formatNs, parseDurationMs } from './time.js';

describe('parseDurationMs', () => {
  it.each([
    ['200us', 0.2],
    ['5ms', 5],
    ['1.5s', 1_500],
    ['2m', 120_000],
    [' 0ms ', 0],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['5', '', 'ms', '-5ms', '5 ms', '1e3ms', 'NaNms', '5h', '0x10ms'])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
});

describe('formatDurationMs', () => {
  it.each(['200us', '5ms', '1500ms', '2s', '90s', '2m', '0ms'])('writes %s as it would be typed', (text) => {
    expect(formatDurationMs(parseDurationMs(text) ?? NaN)).toBe(text);
  });
});

describe('formatNs', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ns'],
    [1_234, '1.23 µs'],
    [45_600, '45.6 µs'],
    [1_234_567, '1.23 ms'],
    [123_456_789, '123 ms'],
    [61_000_000_000, '61.0 s'],
  ])('shows %d ns as %s', (ns, text) => {
    expect(formatNs(ns)).toBe(text);
  });
});
