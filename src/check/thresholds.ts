/**
 * Thresholds in k6's manner: `acquire.response: p(99)<25ms`, `acquire.successRatio>99.9%`.
 *
 * @module
 */
import type { RunResult, ThresholdResult } from '../model/result.js';
import { msToNs, parseDurationMs } from '../model/time.js';
import { readMetric, type Aggregate } from './result-metric.js';

const COMPARISONS = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
} as const;

type Comparison = keyof typeof COMPARISONS;

/** A threshold, read. */
export interface Threshold {
  readonly expression: string;
  /** Path of the metric in result.json. */
  readonly path: readonly string[];
  /** For distributions: which figure of it. */
  readonly aggregate: Aggregate | undefined;
  readonly comparison: Comparison;
  /** Nanoseconds for durations, a ratio for percentages, otherwise the bare number. */
  readonly limit: number;
  readonly limitIsDuration: boolean;
}

const EXAMPLE = '"acquire.response: p(99)<25ms" or "acquire.successRatio>99.9%"';
const PATTERN =
  /^\s*([A-Za-z][\w.|-]*)\s*(?::\s*(p\(\d{1,2}(?:\.\d+)?\)|min|mean|avg|med|max|count))?\s*(<=|>=|==|<|>)\s*(\S+)\s*$/;

/** Reads a threshold. Returns what is wrong with it instead when it is none. */
export function parseThreshold(expression: string): Threshold | { readonly problem: string } {
  const [, path, aggregate, comparison, limitText] = PATTERN.exec(expression) ?? [];
  const problem = { problem: `--threshold: expected an expression such as ${EXAMPLE}, got "${expression}"` };
  if (path === undefined || limitText === undefined || !isComparison(comparison)) return problem;
  const durationMs = parseDurationMs(limitText);
  const limit = durationMs === undefined ? plainLimit(limitText) : msToNs(durationMs);
  if (limit === undefined) return problem;
  return {
    expression,
    path: path.split('.'),
    aggregate: readAggregate(aggregate),
    comparison,
    limit,
    limitIsDuration: durationMs !== undefined,
  };
}

/** Evaluates a threshold on a result. Returns a problem when the result has no such metric. */
export function evaluateThreshold(
  threshold: Threshold,
  result: Omit<RunResult, 'thresholds' | 'exitCode'>,
): ThresholdResult | { readonly problem: string } {
  const { expression, path, aggregate, comparison, limit, limitIsDuration } = threshold;
  const metric = readMetric(result, path, aggregate);
  if ('instead' in metric) {
    const names = metric.instead.length === 0 ? '' : ` (there: ${metric.instead.join(', ')})`;
    return {
      problem: `--threshold: expected a metric of result.json, got "${expression}"${names}; use one such as ${EXAMPLE}`,
    };
  }
  if (metric.isDuration !== undefined && metric.isDuration !== limitIsDuration) {
    const expected = metric.isDuration ? 'a limit with a unit, such as 25ms,' : 'a limit without a unit of time';
    return {
      problem: `--threshold: expected ${expected} for ${path.join('.')}, got "${expression}"; use one such as ${EXAMPLE}`,
    };
  }
  // A percentile of nothing proves nothing: what was never acquired did not meet a latency.
  const isMeasured = Number.isFinite(metric.value);
  return {
    expression,
    value: isMeasured ? metric.value : null,
    passed: isMeasured && COMPARISONS[comparison](metric.value, limit),
  };
}

/** k6 says avg and med. */
function readAggregate(text: string | undefined): Aggregate | undefined {
  if (text === 'avg') return 'mean';
  return text === 'med' ? 'p(50)' : (text as Aggregate | undefined);
}

function plainLimit(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  return match === null ? undefined : Number(match[1]) / (match[2] === '%' ? 100 : 1);
}

function isComparison(text: string | undefined): text is Comparison {
  return text !== undefined && text in COMPARISONS;
}
