/**
 * Every figure of a result by its path, as thresholds name them.
 *
 * @module
 */
import { decodeHistogram, type LatencySummary, type QuantitySummary } from '../model/histogram.js';
import { isRecord } from '../model/record.js';
import { msToNs, sToNs, usToNs, type Ns } from '../model/time.js';

/** A figure: a time in nanoseconds, or a plain number. */
export interface MetricValue {
  /** NaN where the run has nothing to tell it by. */
  readonly value: number;
  /** Undefined where the run does not have what would tell. */
  readonly isDuration: boolean | undefined;
}

/** Which figure of a distribution; `p(N)` is its N-th percentile. */
export type Aggregate = 'count' | 'min' | 'mean' | 'max' | `p(${string})`;

/**
 * Reads a figure.
 *
 * `masters.2.cpuSeconds` counts masters from 1. A command that a master was never asked is one that it was asked 0 times.
 * What ends in `Ns`, `Ms` or `Seconds` is a time, and so are the distributions above it.
 *
 * @param aggregate for a distribution, and for nothing else
 * @returns undefined, or what there is instead, when the path leads to no figure
 */
export function readMetric(
  result: object,
  path: readonly string[],
  aggregate: Aggregate | undefined,
): MetricValue | { readonly instead: readonly string[] } {
  const name = path.at(-1) ?? '';
  let node: unknown = result;
  for (const [depth, key] of path.entries()) {
    // Known, but not in every run: fairness in an open loop, leaked keys of unreachable masters.
    if (node === null) break;
    if (!isRecord(node)) return { instead: [] };
    const child: unknown = Array.isArray(node) ? node[indexOf(path[depth - 1], key)] : node[key];
    if (child === undefined && path[depth - 1] === 'commands') node = 0;
    else if (child === undefined) return { instead: namesIn(node, path[depth - 1]) };
    else node = child;
  }
  if (node === null) return { value: NaN, isDuration: undefined };
  if (typeof node === 'number' && aggregate === undefined) return scaled(name, node);
  if (!isDistribution(node)) return { instead: isRecord(node) ? namesIn(node, name) : [] };
  if (aggregate === undefined) return { instead: ['p(99)', 'min', 'mean', 'max', 'count'].map((each) => `: ${each}`) };
  if (aggregate === 'count') return { value: node.count, isDuration: false };
  return 'p99Ns' in node
    ? { value: timeOf(node, aggregate), isDuration: true }
    : scaled(name, quantityOf(node, aggregate));
}

/** A number with the unit that its name ends in. */
function scaled(name: string, value: number): MetricValue {
  if (name.endsWith('Ns')) return { value, isDuration: true };
  if (name.endsWith('Ms')) return { value: msToNs(value), isDuration: true };
  if (name.endsWith('Seconds')) return { value: sToNs(value), isDuration: true };
  return { value, isDuration: false };
}

/** Masters are counted from 1 wherever a person names them; other lists are what their index says. */
function indexOf(list: string | undefined, key: string): number {
  return list === 'masters' ? Number(key) - 1 : Number(key);
}

function timeOf(summary: LatencySummary, aggregate: Aggregate): Ns {
  if (summary.count === 0) return NaN;
  if (aggregate === 'min') return summary.minNs;
  if (aggregate === 'mean') return summary.meanNs;
  if (aggregate === 'max') return summary.maxNs;
  return Math.min(usToNs(percentileOf(summary, aggregate)), summary.maxNs);
}

function quantityOf(summary: QuantitySummary, aggregate: Aggregate): number {
  if (summary.count === 0) return NaN;
  if (aggregate === 'min' || aggregate === 'mean' || aggregate === 'max') return summary[aggregate];
  return Math.min(percentileOf(summary, aggregate), summary.max);
}

function percentileOf({ hdr }: { readonly hdr: string }, aggregate: string): number {
  return decodeHistogram(hdr).getValueAtPercentile(Number(aggregate.slice('p('.length, -1)));
}

/**
 * What could have been named there: figures, distributions, and what holds some.
 *
 * @param list what the node is called, where it is a list
 */
function namesIn(node: object, list: string | undefined): string[] {
  if (Array.isArray(node)) return node.map((_, index) => String(list === 'masters' ? index + 1 : index));
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'number' || (isRecord(value) && key !== 'series') || value === null ? [key] : [],
  );
}

function isDistribution(value: unknown): value is LatencySummary | QuantitySummary {
  return isRecord(value) && typeof value['hdr'] === 'string' && typeof value['count'] === 'number';
}
