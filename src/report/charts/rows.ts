/**
 * Charts that are lists: one row below the other, each with its name above its marks, so that a narrow page has the
 * whole width for the marks.
 *
 * @module
 */
import { shortenWords } from '../figures.js';
import type { Layer, PositionFieldDef } from './chart.js';

/** Below this width only the shorter of two texts fits beside the name of a row. */
const ROOMY_PX = 600;
const NAME_CHARACTERS = 46;

/** An axis of row numbers from the top; a row reaches from its number to the next. */
export function rowAxis(field: string, rows: number): PositionFieldDef {
  return {
    field,
    type: 'quantitative',
    scale: { domain: [rows, 0], nice: false, zero: false },
    axis: null,
  };
}

/** The names of the rows, at their left. */
export function nameLayer(rows: number): Layer {
  return namingLayer(rows, 'name', 'normal');
}

/** The headings between rows, at their left. */
export function headingLayer(rows: number): Layer {
  return namingLayer(rows, 'heading', 'bold');
}

function namingLayer(rows: number, field: string, fontWeight: 'normal' | 'bold'): Layer {
  return {
    transform: having(field),
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11, fontWeight, dx: 2 },
    encoding: {
      x: { value: 0 },
      y: rowAxis('nameY', rows),
      text: { field, type: 'nominal' },
    },
  };
}

/** What is said of the rows, at their right: `said`, or `saidShortly` where the chart is narrow. */
export function sayingLayers(rows: number): Layer[] {
  const said = (field: string, comparison: '>' | '<='): Layer => ({
    transform: having(field),
    mark: { type: 'text', align: 'right', baseline: 'middle', fontSize: 11, dx: -2 },
    encoding: {
      x: { value: 'width' },
      y: rowAxis('nameY', rows),
      text: { condition: { test: `width ${comparison} ${String(ROOMY_PX)}`, field, type: 'nominal' }, value: '' },
    },
  });
  return [said('said', '>'), said('saidShortly', '<=')];
}

/** Keeps the rows that have a value in all of these fields. */
export function having(...fields: readonly string[]): NonNullable<Layer['transform']> {
  return [{ filter: fields.map((field) => `isValid(datum[${JSON.stringify(field)}])`).join(' && ') }];
}

interface TextField {
  field: string;
  type: 'nominal';
  title: string;
}

/** A tooltip of texts under their own names. */
export function textTooltip(titles: readonly string[]): TextField[] {
  return titles.map((title) => ({ field: title, type: 'nominal', title }));
}

/** A name that leaves room for what is said beside it. */
export function rowName(name: string): string {
  return shortenWords(name, NAME_CHARACTERS);
}
