import { describe, expect, it } from 'vitest';
import { firstExitCode, runExitCode } from './exit-code.js';

const fine = {
  status: 'complete',
  health: { verdict: 'valid' },
  safety: { verdict: 'none-observed' },
  thresholds: [],
} as const;
const crossed = { expression: 'acquire.successRatio>1', value: 0.5, passed: false };

describe('runExitCode', () => {
  it.each([
    ['nothing', {}, 0],
    ['an overload, which is a result', { health: { verdict: 'overloaded' } }, 0],
    ['a suspect run', { health: { verdict: 'suspect' } }, 0],
    ['a violation', { safety: { verdict: 'violation' } }, 3],
    ['an invalid run', { health: { verdict: 'invalid' } }, 96],
    ['a crossed threshold', { thresholds: [crossed] }, 99],
    ['an interrupt', { status: 'interrupted' }, 130],
    ['a dead worker', { status: 'crashed' }, 1],
    ['a violation before an interrupt', { safety: { verdict: 'violation' }, status: 'interrupted' }, 3],
    ['an interrupt before an invalid run', { status: 'interrupted', health: { verdict: 'invalid' } }, 130],
    ['an invalid run before a threshold', { health: { verdict: 'invalid' }, thresholds: [crossed] }, 96],
  ] as const)('for %s', (_, change, code) => {
    expect(runExitCode({ ...fine, ...change })).toBe(code);
  });
});

describe('firstExitCode', () => {
  it('follows the precedence of the contract over several runs', () => {
    expect(firstExitCode([0, 97, 99, 98, 96, 130, 4, 3])).toBe(3);
    expect(firstExitCode([0, 97, 99, 98, 96])).toBe(96);
    expect(firstExitCode([97, 99, 98])).toBe(98);
    expect(firstExitCode([97, 99])).toBe(99);
    expect(firstExitCode([])).toBe(0);
  });
});
