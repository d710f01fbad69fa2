/**
 * Thresholds in k6's manner: `acquire.response: p(99)<25ms`, `acquire.successRatio>99.9%`.
 *
 * @module
 */
import type { LatencySummary } from '../model/histogram.js';
import { decodeHistogram } from '../model/histogram.js';
import type { RunResult, ThresholdResult } from '../model/result.js';
import { msToNs, parseDurationMs, usToNs } from '../model/time.js';

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
  readonly aggregate: string | undefined;
  readonly comparison: Comparison;
  /** Nanoseconds for durations, a ratio for percentages, otherwise the bare number. */
  readonly limit: number;
  readonly limitIsDuration: boolean;
}

const EXAMPLE = '"acquire.response: p(99)<25ms" or "acquire.successRatio>99.9%"';
const PATTERN =
  /^\s*([A-Za-z][\w.]*)\s*(?::\s*(p\(\d{1,2}(?:\.\d+)?\)|min|mean|max|count))?\s*(<=|>=|==|<|>)\s*(\S+)\s*$/;

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
    aggregate,
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
  const { expression, comparison, limit } = threshold;
  const value = readMetric(threshold, result);
  if (value === undefined) {
    return {
      problem: `--threshold: "${expression}" names no metric of result.json; expected one such as ${EXAMPLE}, durations with a unit`,
    };
  }
  // A percentile of nothing proves nothing: what was never acquired did not meet a latency.
  const isMeasured = Number.isFinite(value);
  return { expression, value: isMeasured ? value : null, passed: isMeasured && COMPARISONS[comparison](value, limit) };
}

function readMetric(threshold: Threshold, result: object): number | undefined {
  const { path, aggregate, limitIsDuration } = threshold;
  const node = path.reduce<unknown>(
    (parent, key) => (parent === null ? null : isRecord(parent) ? parent[key] : undefined),
    result,
  );
  // Known, but not in every run: fairness in an open loop, leaked keys of unreachable masters.
  if (node === null) return NaN;
  if (typeof node === 'number') {
    const isDuration = path.at(-1)?.endsWith('Ns') === true;
    return aggregate === undefined && isDuration === limitIsDuration ? node : undefined;
  }
  if (aggregate === undefined || !isRecord(node)) return undefined;
  if (aggregate === 'count') return !limitIsDuration && typeof node['count'] === 'number' ? node['count'] : undefined;
  return isLatency(node) && limitIsDuration ? latencyFigure(node, aggregate) : undefined;
}

/** A figure of a distribution in nanoseconds; NaN when the distribution is empty. */
function latencyFigure(summary: LatencySummary, aggregate: string): number {
  if (summary.count === 0) return NaN;
  switch (aggregate) {
    case 'min':
      return summary.minNs;
    case 'mean':
      return summary.meanNs;
    case 'max':
      return summary.maxNs;
    default: {
      const percentile = Number(aggregate.slice('p('.length, -1));
      return Math.min(usToNs(decodeHistogram(summary.hdr).getValueAtPercentile(percentile)), summary.maxNs);
    }
  }
}

function plainLimit(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  return match === null ? undefined : Number(match[1]) / (match[2] === '%' ? 100 : 1);
}

function isComparison(text: string | undefined): text is Comparison {
  return text !== undefined && text in COMPARISONS;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isLatency(value: unknown): value is LatencySummary {
  return isRecord(value) && typeof value['p99Ns'] === 'number' && typeof value['hdr'] === 'string';
}
