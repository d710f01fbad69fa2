/**
 * What every chart has in common: frame, title, subtitle.
 *
 * @module
 */
import type { TopLevelSpec } from 'vega-lite';
import { formatThings } from '../../model/figure-text.js';
import { nameLock } from '../../model/measured-lock.js';
import type { RunResult } from '../../model/result.js';
import { closedLoopNotes, describeScenario, scenarioClauses } from '../describe.js';
import { wrap } from '../figures.js';
import { describeFlaw, isAlarming, UNSAFE_LOCK, warningsOf } from '../verdicts.js';
import { LIGHT } from './theme.js';

/** A view of several marks; every chart is one, so that a page can give it the width of its container. */
export type LayeredSpec = Extract<TopLevelSpec, { layer: unknown[] }>;
export type Layer = LayeredSpec['layer'][number];
/** A field on the x axis, as Vega-Lite types it. */
export type PositionFieldDef = Extract<
  NonNullable<NonNullable<LayeredSpec['encoding']>['x']>,
  { field?: unknown; axis?: unknown }
>;
export type Row = Readonly<Record<string, string | number | null>>;

/** What a chart says in words. */
export interface Frame {
  /** The name of its files, without ending. */
  readonly name: string;
  readonly title: string;
  /** What forbids to take its figures at face value; empty when nothing does. */
  readonly alarm: string;
  /** The scenario, or what the scenarios share. */
  readonly scenario: string;
  /** What a reader must know of this picture, one sentence each. */
  readonly notes: readonly string[];
}

/** A chart: one picture, one file, one figure of the page. */
export interface Chart extends Frame {
  readonly spec: LayeredSpec;
}

export interface ChartParts {
  readonly heightPx: number;
  readonly rows: readonly Row[];
  readonly layers: readonly Layer[];
  readonly encoding?: LayeredSpec['encoding'];
}

const WIDTH_PX = 720;
/** As many characters of the subtitle's size as fit above the plot. */
const SUBTITLE_CHARACTERS = 108;

/** The words around a chart. */
export function frameOf(results: readonly RunResult[], name: string, title: string, notes: readonly string[]): Frame {
  const only = results.length === 1 ? results[0] : undefined;
  // The flaw of a lock has a note of its own.
  const mild =
    only === undefined || isAlarming(only) ? [] : warningsOf(only).filter((warning) => warning !== UNSAFE_LOCK);
  return {
    name,
    title,
    alarm: alarmOf(results),
    scenario: only === undefined ? describeShared(results) : describeScenario(only),
    notes: [...(mild.length > 0 ? [`mind: ${mild.join(', ')}`] : []), ...lockNotes(results), ...notes],
  };
}

/** The caveat that the latencies of closed loops carry. */
export function latencyNotes(results: readonly RunResult[]): string[] {
  return closedLoopNotes(results.map((result) => result.scenario));
}

/** Puts a chart into its frame: a Vega-Lite spec that carries its data and opens in any Vega editor. */
export function composeChart(frame: Frame, { rows, layers, heightPx, encoding }: ChartParts): Chart {
  const { title, alarm, scenario, notes } = frame;
  return {
    ...frame,
    spec: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      // For readers of the screen; the marks themselves would be read out one by one.
      description: [title, alarm, scenario, ...notes].filter((sentence) => sentence !== '').join('. '),
      title: {
        text: alarm === '' ? title : `${title}: ${alarm}`,
        subtitle: [scenario, ...notes].flatMap((sentence) => wrap(sentence, SUBTITLE_CHARACTERS)),
        ...(alarm === '' ? {} : { color: LIGHT.alarm }),
      },
      width: WIDTH_PX,
      height: heightPx,
      data: { values: [...rows] },
      ...(encoding === undefined ? {} : { encoding }),
      layer: [...layers],
      config: LIGHT.config,
    },
  };
}

/** A chart that says why there is nothing to draw. */
export function emptyChart(frame: Frame, why: string): Chart {
  return composeChart(frame, {
    heightPx: 80,
    rows: [{ why }],
    layers: [
      {
        mark: { type: 'text', fontSize: 13, align: 'center' },
        encoding: { text: { field: 'why', type: 'nominal' } },
      },
    ],
  });
}

/** As many columns of a legend as its longest label leaves room for. */
export function legendColumns(labels: readonly string[]): number {
  const longest = labels.reduce((most, label) => Math.max(most, label.length), 0);
  if (longest > 44) return 1;
  return longest > 26 ? 2 : 3;
}

/** Without the layers that only answer a pointer: what a still picture needs. */
export function stillSpec(spec: LayeredSpec): LayeredSpec {
  return { ...spec, layer: spec.layer.filter((layer) => !('params' in layer)) };
}

/** The flaw of one lock in a sentence; several locks are listed with a mark, because sentences would bury the picture. */
function lockNotes(results: readonly RunResult[]): string[] {
  const locks = new Set(results.map(({ lock }) => `${nameLock(lock)}${lock.isUnsafe ? ' (unsafe)' : ''}`));
  return locks.size > 1 ? [`locks: ${[...locks].join(', ')}`] : results.slice(0, 1).flatMap(describeFlaw);
}

function alarmOf(results: readonly RunResult[]): string {
  const alarming = results.filter(isAlarming);
  if (results.length === 1) return alarming.flatMap(warningsOf).join(', ');
  return alarming.length === 0 ? '' : `${formatThings(alarming.length, 'run')} violating or invalid`;
}

function describeShared(results: readonly RunResult[]): string {
  const clauses = results.map(scenarioClauses);
  const shared = (clauses[0] ?? []).filter((clause) => clauses.every((each) => each.includes(clause)));
  return `${String(results.length)} runs${shared.length > 0 ? `, all with ${shared.join(', ')}` : ''}`;
}
