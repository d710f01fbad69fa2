/**
 * What every chart of a report must be: compiled without a warning, and drawn without impossible coordinates.
 *
 * @module
 */
import { logger as vegaLogger, Warn } from 'vega';
import { compile } from 'vega-lite';
import { stillSpec, type Chart } from './charts/chart.js';
import { renderSvg } from './render.js';

/** What Vega-Lite warns of. */
export function warningsOfCharts(charts: readonly Chart[]): string[] {
  const warnings: string[] = [];
  const logger = vegaLogger(Warn, undefined, (_method: unknown, _level: unknown, input: readonly unknown[]) => {
    warnings.push(input.map(String).join(' '));
  });
  for (const { spec } of charts) compile(stillSpec(spec), { logger });
  return warnings;
}

/** The charts whose picture holds a coordinate that is none. */
export async function brokenPictures(charts: readonly Chart[]): Promise<string[]> {
  const broken: string[] = [];
  for (const { name, spec } of charts) {
    const svg = await renderSvg(spec);
    if (!svg.startsWith('<svg') || /NaN|undefined|Infinity|null/.test(svg)) broken.push(name);
  }
  return broken;
}

interface Scaled {
  readonly field?: string;
  readonly scale?: { readonly domain?: readonly number[] };
}

/** Every value of a chart that lies beyond the end of its axis. */
export function valuesBeyondAxes({ spec }: Chart): unknown[] {
  const rows = rowsOfChart({ spec });
  return spec.layer.flatMap((layer) => {
    const encoding = (layer as { encoding?: Readonly<Record<string, Scaled | undefined>> }).encoding ?? {};
    return (['x', 'y'] as const).flatMap((channel) => {
      const [axis, end] = [encoding[channel], encoding[`${channel}2`]];
      const [from, to] = axis?.scale?.domain ?? [];
      if (from === undefined || to === undefined) return [];
      return rows.flatMap((row) =>
        [axis?.field, end?.field].flatMap((field) => {
          const value = field === undefined ? null : row[field];
          return typeof value === 'number' && (value < from || value > to) ? [[field, value, from, to]] : [];
        }),
      );
    });
  });
}

/** The data that a chart carries. */
export function rowsOfChart({ spec }: Pick<Chart, 'spec'>): Readonly<Record<string, unknown>>[] {
  return (spec.data as { values: Readonly<Record<string, unknown>>[] }).values;
}

/** A page without the libraries that it carries, whose code holds every word there is. */
export function withoutScripts(page: string): string {
  return page.replace(/<script[^>]*>[\s\S]*?<\/script>/g, '<script></script>');
}

/** What a reader of a page reads. */
export function wordsOfPage(page: string): string {
  return withoutScripts(page)
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** Those of some parts that stand in the body of a page, in the order in which each first does. */
export function orderOnPage(page: string, parts: readonly string[]): string[] {
  const body = page.indexOf('<body>');
  const placed = parts.map((part) => ({ part, place: page.indexOf(part, body) })).filter(({ place }) => place > 0);
  return placed.sort((a, b) => a.place - b.place).map(({ part }) => part);
}
