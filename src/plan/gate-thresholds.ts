/**
 * The thresholds of a gate: what head was asked to meet, over all of its runs.
 *
 * @module
 */
import type { GatedThreshold } from '../model/gate.js';
import type { ThresholdResult } from '../model/result.js';
import { sampleQuantile } from './sample-quantile.js';

/**
 * Sums them up: those that were asked for, and those that head's own command judged besides. Half of the runs may cross one.
 *
 * @param judged what each run of head that is in says of its thresholds
 */
export function gateThresholds(
  asked: readonly string[],
  judged: readonly (readonly ThresholdResult[])[],
): GatedThreshold[] {
  const expressions = new Set([...asked, ...judged.flat().map(({ expression }) => expression)]);
  return [...expressions].map((expression) => {
    const results = judged.flatMap((thresholds): ThresholdResult[] => {
      // A command may judge what it is asked for here, too: one verdict a run.
      const result = thresholds.find((each) => each.expression === expression);
      return result === undefined ? [] : [result];
    });
    const values = results.flatMap(({ value }) => (value === null ? [] : [value]));
    const crossed = results.filter(({ passed }) => !passed).length;
    return {
      expression,
      runs: results.length,
      crossed,
      value: values.length === 0 ? null : sampleQuantile(values, 0.5),
      passed: crossed * 2 <= results.length,
    };
  });
}
