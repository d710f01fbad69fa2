import { describe, expect, it } from 'vitest';
import { msToNs, sToNs } from '../model/time.js';
import { openLoopRun } from '../report/sample-runs.fixture.js';
import { readMetric, type Aggregate, type MetricValue } from './result-metric.js';

const result = openLoopRun();

function valueOf(path: string, aggregate?: Aggregate): MetricValue {
  const metric = readMetric(result, path.split('.'), aggregate);
  if ('instead' in metric) throw new Error(`${path} names no metric; there: ${metric.instead.join(', ')}`);
  return metric;
}

/** Every number and every distribution of a result, but for its scenario and its seconds. */
function everyPath(node: object, path: readonly string[]): string[] {
  return Object.entries(node).flatMap(([key, child]: [string, unknown]): string[] => {
    const at = [...path, Array.isArray(node) && path.at(-1) === 'masters' ? String(Number(key) + 1) : key];
    if (typeof child === 'number') return [at.join('.')];
    if (typeof child !== 'object' || child === null) return [];
    if ('hdr' in child)
      return ['p(50)', 'p(99.9)', 'min', 'mean', 'max', 'count'].map((each) => `${at.join('.')}: ${each}`);
    return everyPath(child, at);
  });
}

const { acquire, release, hold, handoff, validityMs, attempts, health, safety, masters, measuredMs } = result;
const figures = { acquire, release, hold, handoff, validityMs, attempts, health, safety, masters, measuredMs };

describe('readMetric', () => {
  it.each(everyPath(figures, []))('reads %s', (name) => {
    const [path = '', aggregate] = name.split(': ');
    const isEmpty = aggregate !== undefined && valueOf(path, 'count').value === 0;
    expect(Number.isFinite(valueOf(path, aggregate as Aggregate | undefined).value)).toBe(
      !isEmpty || aggregate === 'count',
    );
  });

  it('counts masters from 1', () => {
    expect(valueOf('masters.2.cpuSeconds')).toEqual({
      value: sToNs(result.masters[1]?.cpuSeconds ?? NaN),
      isDuration: true,
    });
    expect(readMetric(result, ['masters', '0', 'cpuSeconds'], undefined)).toHaveProperty('instead');
  });

  it('takes a command that was never asked for one that was asked 0 times', () => {
    expect(valueOf('masters.1.commands.flushall')).toEqual({ value: 0, isDuration: false });
  });

  it('names the entries of every other list from 0, as they are read', () => {
    const listed = { attempts: { margins: [7, 8] } };
    expect(readMetric(listed, ['attempts', 'margins', '0'], undefined)).toEqual({ value: 7, isDuration: false });
    expect(readMetric(listed, ['attempts', 'margins', '2'], undefined)).toEqual({ instead: ['0', '1'] });
    expect(readMetric(listed, ['attempts', 'margins'], undefined)).toEqual({ instead: ['0', '1'] });
  });

  it('gives milliseconds and seconds as nanoseconds', () => {
    expect(valueOf('measuredMs')).toEqual({ value: msToNs(result.measuredMs), isDuration: true });
    expect(valueOf('validityMs', 'min')).toEqual({ value: msToNs(result.validityMs.min), isDuration: true });
    expect(valueOf('attempts.perAcquisition', 'max')).toEqual({
      value: result.attempts.perAcquisition.max,
      isDuration: false,
    });
  });

  it('knows no unit of what the run does not have', () => {
    expect(readMetric({ fairness: null }, ['fairness', 'jain'], undefined)).toEqual({
      value: NaN,
      isDuration: undefined,
    });
  });

  it.each([
    ['acquire.respons', undefined, 'response'],
    ['acquire', undefined, 'successRatio'],
    ['acquire.response', undefined, ': p(99)'],
    ['acquire.successRatio', 'max', undefined],
    ['lock.name', undefined, undefined],
    ['masters.9.errors', undefined, '1'],
  ] as const)('says of %s what could be named there', (path, aggregate, hint) => {
    const metric = readMetric(result, path.split('.'), aggregate);
    expect(metric).toHaveProperty('instead');
    if (hint !== undefined) expect(metric).toEqual({ instead: expect.arrayContaining([hint]) as string[] });
  });
});
