import { describe, expect, it } from 'vitest';
import { Histogram } from '../model/histogram.js';
import type { RunResult } from '../model/result.js';
import { msToNs } from '../model/time.js';
import { evaluateThreshold, parseThreshold, type Threshold } from './thresholds.js';

function latency(...ms: number[]): RunResult['hold'] {
  const histogram = new Histogram();
  for (const value of ms) histogram.recordNs(msToNs(value));
  return histogram.summarizeLatency();
}

const result = {
  acquire: {
    successRatio: 0.995,
    ratePerSecond: 812.5,
    response: latency(1, 2, 3, 4, 100),
    gaveUp: latency(),
    unfinished: { count: 0, oldestNs: msToNs(7) },
  },
  attempts: { total: 42 },
  fairness: null,
} as unknown as RunResult;

function read(expression: string): Threshold {
  const threshold = parseThreshold(expression);
  if ('problem' in threshold) throw new Error(threshold.problem);
  return threshold;
}

describe('evaluateThreshold', () => {
  it.each([
    ['acquire.response: p(50)<3.1ms', true],
    ['acquire.response: p(50)<3ms', false],
    ['acquire.response:p(99.9)<=100ms', true],
    ['acquire.response: max<50ms', false],
    ['acquire.response: mean>20ms', true],
    ['acquire.response: min>=1ms', true],
    ['acquire.response: count>=5', true],
    ['acquire.successRatio>99%', true],
    ['acquire.successRatio > 0.999', false],
    ['acquire.ratePerSecond>=812.5', true],
    ['acquire.unfinished.count==0', true],
    ['acquire.unfinished.oldestNs<10ms', true],
    ['attempts.total<42', false],
    ['acquire.response: avg>20ms', true],
    ['acquire.response: med<3.1ms', true],
  ])('%s: %s', (expression, passed) => {
    expect(evaluateThreshold(read(expression), result)).toMatchObject({ expression, passed });
  });

  it('reads commands by the names that masters give them', () => {
    const asked = { masters: [{ commands: { 'client|setinfo': 3, 'script-load': 1 } }] } as unknown as RunResult;
    expect(evaluateThreshold(read('masters.1.commands.client|setinfo<4'), asked)).toMatchObject({
      passed: true,
      value: 3,
    });
    expect(evaluateThreshold(read('masters.1.commands.script-load==1'), asked)).toMatchObject({ passed: true });
  });

  it('gives the value that it judged, in nanoseconds for durations', () => {
    expect(evaluateThreshold(read('acquire.response: max<1s'), result)).toMatchObject({ value: msToNs(100) });
  });

  it('is crossed when there is nothing to measure it on', () => {
    const judged = evaluateThreshold(read('acquire.gaveUp: p(99)<1s'), result);
    expect(judged).toEqual({ expression: 'acquire.gaveUp: p(99)<1s', value: null, passed: false });
  });

  it('is crossed, not refused, where the run has no such figure', () => {
    expect(evaluateThreshold(read('fairness.jain>0.9'), result)).toMatchObject({ value: null, passed: false });
  });

  it.each([
    'acquire.respons: p(99)<1ms',
    'acquire.response<1ms',
    'acquire.response: p(99)<5',
    'acquire.successRatio<5ms',
    'acquire.gaveUp: p(99)<5',
  ])('refuses %s, which names no metric or mixes units', (expression) => {
    expect(evaluateThreshold(read(expression), result)).toHaveProperty('problem');
  });
});

describe('parseThreshold', () => {
  it.each([
    '',
    'acquire.response',
    'acquire.response: p(99)',
    'acquire.response: p(101)<1ms',
    'p(99)<fast',
    'a.b => 1',
  ])('refuses %j with an example of a good one', (expression) => {
    expect(parseThreshold(expression)).toEqual({
      problem: expect.stringContaining('acquire.successRatio>99.9%') as string,
    });
  });
});
