/**
 * What a chart shows, in one paragraph for readers who do not see it.
 *
 * @module
 */
import { formatAmount } from '../../model/figure-text.js';
import type { Chart, Row } from './chart.js';

interface Channel {
  readonly field?: string;
  readonly title?: string | null;
  readonly axis?: { readonly title?: string | null } | null;
  readonly scale?: unknown;
}

type Encoding = Readonly<Partial<Record<string, Channel>>>;

interface Encoded {
  readonly data?: { readonly values: readonly Row[] };
  readonly encoding?: Encoding;
  readonly layer?: readonly Encoded[];
}

/** A field on a channel, with the rows that it is read from. */
interface Placed {
  readonly channel: Channel;
  readonly field: string;
  readonly rows: readonly Row[];
}

/** How many names of series are read out. */
const MOST_NAMES = 7;

/** Title and alarm, what is on the axes and between which values, and the series. */
export function summarizeChart({ title, alarm, spec }: Chart): string {
  const whole = spec as unknown as Encoded;
  const axes = (['y', 'x'] as const).flatMap((name) => describeAxis(name, placedOn(whole, [name, `${name}2`])));
  const [series] = [...placedOn(whole, ['color']), ...placedOn(whole, ['shape'])];
  const names = series === undefined ? [] : describeNames('series', [series]);
  return `${[title, alarm, ...axes, ...names].filter((each) => each !== '').join('. ')}.`;
}

/**
 * Every field that the chart or a layer puts on these channels. A scale of null means that the values are places or colours
 * themselves, and an axis of null that nobody reads them.
 */
function placedOn(whole: Encoded, names: readonly string[]): Placed[] {
  return [whole, ...(whole.layer ?? [])].flatMap(({ encoding, data }) =>
    names.flatMap((name) => {
      const channel = encoding?.[name];
      // The other end of a mark is on the axis of the first.
      const main = encoding?.[name.replace('2', '')] ?? whole.encoding?.[name.replace('2', '')];
      const isRead = main?.axis !== null && main?.scale !== null;
      if (channel?.field === undefined || !isRead) return [];
      return [{ channel, field: channel.field, rows: (data ?? whole.data)?.values ?? [] }];
    }),
  );
}

function describeAxis(name: string, placed: readonly Placed[]): string[] {
  if (placed.length === 0) return [];
  const words = titleOf(placed) ?? (name === 'x' ? 'across' : 'up');
  const values = placed.flatMap(({ field, rows }) =>
    rows.flatMap((row) => (typeof row[field] === 'number' ? [row[field]] : [])),
  );
  if (values.length === 0) return describeNames(words, placed);
  // A percentile stands on its axis as the number of operations that share it, which nobody reads.
  if (placed.some(({ field }) => field === 'inverse')) return [words];
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return [`${words}: ${formatAmount(least)} to ${formatAmount(most)}`];
}

function titleOf(placed: readonly Placed[]): string | undefined {
  return placed.flatMap(({ channel }) => channel.axis?.title ?? channel.title ?? [])[0];
}

function describeNames(words: string, placed: readonly Placed[]): string[] {
  const values = placed.flatMap(({ field, rows }) => rows.map((row) => row[field]));
  const names = [...new Set(values.filter((each) => each !== null && each !== undefined))].map(String);
  if (names.length === 0) return [];
  const rest = names.length > MOST_NAMES ? ` and ${String(names.length - MOST_NAMES)} more` : '';
  return [`${words}: ${names.slice(0, MOST_NAMES).join(', ')}${rest}`];
}
