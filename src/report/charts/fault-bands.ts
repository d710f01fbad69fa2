/**
 * Faults behind a chart whose x axis is time: a band from effect to heal, a thin line at the injection, a label above.
 *
 * @module
 */
import type { FaultKind, FaultReceipt } from '../../model/fault.js';
import { formatThings } from '../../model/figure-text.js';
import { nsToS } from '../../model/time.js';
import { isPointFault, nameFault } from '../fault-words.js';
import type { Layer, PositionFieldDef, Row } from './chart.js';
import { having } from './rows.js';

/** What a fault does, as far as its colour tells. */
type FaultFamily = 'down' | 'halt' | 'link' | 'clock' | 'data' | 'other';

/** Each keeps three times the contrast of white and of the dark page, so that its lines are seen on both. */
export const FAULT_COLOURS: Readonly<Record<FaultFamily, string>> = {
  down: '#d1495b',
  halt: '#4a7bd0',
  link: '#a87400',
  clock: '#12938a',
  data: '#a05ac8',
  other: '#7b838c',
};

const FAMILIES: Readonly<Record<FaultKind, FaultFamily>> = {
  kill: 'down',
  shutdown: 'down',
  'power-loss': 'down',
  pause: 'halt',
  stall: 'halt',
  block: 'halt',
  latency: 'link',
  bandwidth: 'link',
  hold: 'link',
  'hold-requests': 'link',
  'hold-replies': 'link',
  blackhole: 'link',
  'half-open': 'link',
  cut: 'link',
  reset: 'link',
  'reset-after-request': 'link',
  clock: 'clock',
  'client-clock': 'clock',
  evict: 'data',
  flush: 'data',
};

const BAND_OPACITY = 0.17;
const LABEL_PX = 10;
const LABEL_LANE_PX = 15;
const LABEL_CHARACTERS = 32;
/** A label of that many characters takes at most half of the narrowest plot, so that it always fits on one of its sides. */
const LABEL_SHARE = 0.5 / LABEL_CHARACTERS;

/** The colour of a kind of fault; that of others for what an administrator did. */
export function faultColour(kind: string): string {
  return FAULT_COLOURS[(FAMILIES as Readonly<Record<string, FaultFamily | undefined>>)[kind] ?? 'other'];
}

/** The faults as rows: where each begins, takes effect and ends on an axis that ends at `endS`, and where its label stands. */
export function faultRows(faults: readonly FaultReceipt[], endS: number): Row[] {
  const lanes: Extent[][] = [];
  // From the last to the first: the line of a later fault then ends below the label of an earlier one.
  const latestFirst = faults.filter(isDrawn).reverse();
  const rows = latestFirst.map((fault) => {
    const fromS = fault.effectNs === null ? null : nsToS(fault.effectNs);
    const healedS = fault.healedNs === null ? endS : nsToS(fault.healedNs);
    const toS = fromS === null || isPointFault(fault) ? null : Math.min(healedS, endS);
    const atS = Math.min(Math.max(fromS ?? nsToS(fault.appliedNs), 0), endS);
    const label = labelOf(fault);
    const share = endS === 0 ? 0 : atS / endS;
    const length = [...label].length * LABEL_SHARE;
    const side = share + length <= 1 || share < 0.5 ? 'left' : 'right';
    const label0 = side === 'left' ? share : share - length;
    const extent = {
      fromShare: label0,
      toShare: Math.max(label0 + length, toS === null || endS === 0 ? 0 : toS / endS),
    };
    const free = lanes.findIndex((lane) => lane.every((each) => isApart(each, extent)));
    const lane = free === -1 ? lanes.push([]) - 1 : free;
    lanes[lane]?.push(extent);
    const footY = -(LABEL_LANE_PX * lane) - 3;
    return {
      label,
      colour: faultColour(fault.kind),
      appliedS: nsToS(fault.appliedNs),
      atS,
      fromS,
      toS,
      side,
      footY,
      labelY: footY - LABEL_PX / 2 - 1,
    };
  });
  return rows.reverse();
}

/** The marks of faults: what lies behind a chart's own marks, and what lies over them. None without faults. */
export interface FaultLayers {
  readonly behind: readonly Layer[];
  readonly above: readonly Layer[];
}

/** Bands behind; over them lines, and above the plot each fault's span with its label, so that bands that overlap stay apart. */
export function faultLayers(faults: readonly FaultReceipt[], endS: number): FaultLayers {
  const rows = faultRows(faults, endS);
  if (rows.length === 0) return { behind: [], above: [] };
  const data = { values: rows };
  const x = (field: string): PositionFieldDef => ({ field, type: 'quantitative' });
  const y = (field: string): PositionFieldDef => ({ field, type: 'quantitative', scale: null });
  const labels = (side: 'left' | 'right'): Layer => ({
    data,
    transform: [{ filter: `datum.side === '${side}'` }],
    mark: { type: 'text', align: side, baseline: 'middle', fontSize: LABEL_PX, dx: side === 'left' ? 4 : -4 },
    encoding: { x: x('atS'), y: y('labelY'), text: { field: 'label', type: 'nominal' } },
  });
  return {
    behind: [
      {
        data,
        transform: having('fromS', 'toS'),
        mark: { type: 'rect', clip: true, opacity: BAND_OPACITY },
        encoding: { x: x('fromS'), x2: { field: 'toS' }, fill: COLOUR },
      },
    ],
    above: [
      {
        data,
        mark: { type: 'rule', clip: true, strokeWidth: 1, strokeDash: [2, 2] },
        encoding: { x: x('appliedS'), stroke: COLOUR },
      },
      {
        data,
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { x: x('atS'), y: y('labelY'), y2: { value: 'height' }, stroke: COLOUR },
      },
      {
        data,
        transform: having('fromS', 'toS'),
        mark: { type: 'rule', strokeWidth: 2.5 },
        encoding: { x: x('atS'), x2: { field: 'toS' }, y: y('footY'), stroke: COLOUR },
      },
      labels('left'),
      labels('right'),
    ],
  };
}

/** In the data and without a scale; and not `color`, whose legend all layers of a chart share. */
const COLOUR = { field: 'colour', type: 'nominal', scale: null } as const;

/** What a chart with such bands owes its reader; nothing without faults. */
export function faultNotes(faults: readonly FaultReceipt[]): string[] {
  const drawn = faults.filter(isDrawn).length;
  const left = faults.length - drawn;
  return [
    ...(drawn > 0
      ? [`${formatThings(drawn, 'fault')}, shaded from effect to heal; dashed: when the injection began`]
      : []),
    ...(left > 0 ? [`${formatThings(left, 'fault')} of the plan not run`] : []),
  ];
}

/** The faults that were in effect within an interval of the axis, by name. */
export function faultsWithin(faults: readonly FaultReceipt[], fromS: number, toS: number): string[] {
  return faults
    .filter((fault) => {
      if (fault.effectNs === null) return false;
      const from = nsToS(fault.effectNs);
      const to = isPointFault(fault) ? from : fault.healedNs === null ? Infinity : nsToS(fault.healedNs);
      return from < toS && to >= fromS;
    })
    .map(nameFault);
}

function isDrawn({ status }: FaultReceipt): boolean {
  return status !== 'not-run';
}

/** Whole words as far as they fit: half a word of a fault helps nobody. */
function labelOf(fault: FaultReceipt): string {
  const remark = remarkOn(fault);
  const words = nameFault(fault).split(' ');
  const full = `${words.join(' ')}${remark}`;
  if (full.length <= LABEL_CHARACTERS) return full;
  while (words.length > 1 && `${words.join(' ')} …${remark}`.length > LABEL_CHARACTERS) words.pop();
  return `${words.join(' ')} …${remark}`;
}

function remarkOn(fault: FaultReceipt): string {
  if (fault.effectNs === null || fault.status === 'unproven') return ' (unproven)';
  return fault.healedNs === null && !isPointFault(fault) ? ' (not healed)' : '';
}

/** Where a label and its span lie, as shares of the width. */
interface Extent {
  readonly fromShare: number;
  readonly toShare: number;
}

function isApart(a: Extent, b: Extent): boolean {
  return a.toShare < b.fromShare || b.toShare < a.fromShare;
}
