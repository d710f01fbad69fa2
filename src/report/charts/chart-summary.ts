/**
 * What a chart shows, in one paragraph for readers who do not see it.
 *
 * @module
 */
import { formatAmount } from '../../model/figure-text.js';
import type { Chart, Row } from './chart.js';

interface Channel {
  readonly field?: string;
  readonly type?: string;
  readonly title?: string | null;
  readonly axis?: { readonly title?: string } | null;
}

type Encoding = Readonly<Partial<Record<string, Channel>>>;

/** How many names of series are read out. */
const MOST_NAMES = 7;

/** Title and alarm, what is on the axes and between which values, and the series. */
export function summarizeChart({ title, alarm, spec }: Chart): string {
  const { data, encoding, layer } = spec as unknown as {
    readonly data: { readonly values: readonly Row[] };
    readonly encoding?: Encoding;
    readonly layer: readonly { readonly encoding?: Encoding }[];
  };
  const rows = data.values;
  const find = (channel: string): Channel | undefined =>
    [encoding, ...layer.map((each) => each.encoding)]
      .map((each) => each?.[channel])
      .find((each) => each?.field !== undefined);
  const axes = (['y', 'x'] as const).flatMap((name) => describeAxis(name, find(name), rows));
  const series = describeNames('series', find('color')?.field ?? find('shape')?.field, rows);
  return `${[title, alarm, ...axes, ...series].filter((each) => each !== '').join('. ')}.`;
}

function describeAxis(name: string, channel: Channel | undefined, rows: readonly Row[]): string[] {
  const field = channel?.field;
  if (channel === undefined || field === undefined) return [];
  const words = channel.axis?.title ?? channel.title ?? (name === 'x' ? 'across' : 'up');
  const values = rows.flatMap((row) => (typeof row[field] === 'number' ? [row[field]] : []));
  if (values.length === 0) return describeNames(words, field, rows);
  // A percentile stands on its axis as the number of operations that share it, which nobody reads.
  if (field === 'inverse') return [words];
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return [`${words}: ${formatAmount(least)} to ${formatAmount(most)}`];
}

function describeNames(words: string, field: string | undefined, rows: readonly Row[]): string[] {
  if (field === undefined) return [];
  const names = [...new Set(rows.map((row) => row[field]).filter((each) => each !== null && each !== undefined))].map(
    String,
  );
  if (names.length === 0) return [];
  const rest = names.length > MOST_NAMES ? ` and ${String(names.length - MOST_NAMES)} more` : '';
  return [`${words}: ${names.slice(0, MOST_NAMES).join(', ')}${rest}`];
}
