/**
 * Who held which key when, as Jepsen's timeline shows it: one row for each client and key, overlaps outlined.
 *
 * @module
 */
import type { TimelineSpan } from '../../model/chaos.js';
import type { FaultReceipt } from '../../model/fault.js';
import { formatCount, formatThings } from '../../model/figure-text.js';
import { formatNs, nsToS } from '../../model/time.js';
import { NONE } from '../figures.js';
import {
  heldTwice,
  holderRows,
  isGrantedExpired,
  promiseEnd,
  type HeldTwice,
  type HolderRow,
} from '../holder-spans.js';
import { OUTCOME_WORDS } from '../verdicts.js';
import {
  composeChart,
  emptyChart,
  type Chart,
  type Frame,
  type Layer,
  type PositionFieldDef,
  type Row,
} from './chart.js';
import { faultLayers, faultNotes } from './fault-bands.js';
import { having, nameLayer, rowAxis, rowName, textTooltip } from './rows.js';

const ROW_PX = 38;
const LABEL_PX = 10;

/** What a mark means, with a colour that reads on white and on black; in the order of the legend. */
const MARKS = {
  waiting: '#8a929b',
  'not acquired': '#8a5fbf',
  'hold within its promise': '#3f87c5',
  'hold beyond its promise': '#b88a3a',
  'overlap of promises (contract)': '#e0263f',
  'overlap after a promise (overrun)': '#c97a00',
} as const;

type Mark = keyof typeof MARKS;

const REFUSED: Mark = 'not acquired';
/** Without a scale, because the legend hangs on one layer alone. */
const COLOUR = { field: 'colour', type: 'nominal', scale: null } as const;

/** Where a row's marks lie, as shares of its height; its name is above them. */
const LANE = {
  name: 0.2,
  waitFrom: 0.62,
  waitTo: 0.7,
  holdFrom: 0.42,
  holdTo: 0.9,
  outlineFrom: 0.36,
  outlineTo: 0.96,
};

/**
 * Draws a timeline into a frame; instants count from the beginning of the experiment.
 *
 * @param omitted acquisitions that the timeline itself leaves out
 */
export function holderTimeline(
  frame: Frame,
  timeline: readonly TimelineSpan[],
  faults: readonly FaultReceipt[],
  omitted: number,
): Chart {
  const { rows: holders, leftOutSpans, leftOutRows } = holderRows(timeline);
  const notes = [
    ...(leftOutSpans + omitted > 0
      ? [
          `${formatCount(timeline.length - leftOutSpans)} of ${formatThings(timeline.length + omitted, 'acquisition')} drawn, ` +
            `overlaps first, then ${omitted > 0 ? 'the last ones' : 'evenly'}` +
            (leftOutRows > 0 ? `; ${formatThings(leftOutRows, 'row')} left out` : ''),
        ]
      : []),
    ...faultNotes(faults),
  ];
  const noted = { ...frame, notes: [...frame.notes, ...notes] };
  if (holders.length === 0) return emptyChart(noted, 'Nobody tried to acquire.');
  const spanRows = holders.flatMap(rowsOfHolder);
  const overlaps = heldTwice(holders.flatMap(({ spans }) => spans));
  const outlines = overlaps.flatMap((overlap) => outlineRows(overlap, holders));
  const endS = lastInstantS(timeline, faults);
  const hasKeys = new Set(holders.map(({ keyIndex }) => keyIndex)).size > 1;
  const names = holders.map(({ holder, keyIndex }, index) => ({
    name: rowName(hasKeys ? `${holder}, key ${String(keyIndex)}` : holder),
    nameY: index + LANE.name,
  }));
  const labels = holders.flatMap((row, index) => labelRow(row, index, overlaps));
  const seen = new Set([...spanRows, ...outlines].map(({ mark }) => mark));
  const count = holders.length;
  const { behind, above } = faultLayers(faults, endS);
  return composeChart(noted, {
    heightPx: ROW_PX * count,
    rows: [...names, ...spanRows, ...outlines, ...labels],
    encoding: {
      x: {
        field: 'fromS',
        type: 'quantitative',
        scale: { domain: [0, endS], nice: false },
        axis: { title: 'time since the beginning (s)', grid: false, format: '~f' },
      },
    },
    layers: [
      ...behind,
      ...above,
      boxLayer(count, [...seen].filter(isMark)),
      beyondLayer(count),
      tickLayer(count),
      outlineLayer(count),
      overlapLabelLayer(count),
      nameLayer(count),
    ],
  });
}

/** Waits and holds as boxes; the legend of all marks hangs on them. */
function boxLayer(rows: number, seen: readonly Mark[]): Layer {
  return {
    transform: [{ filter: "datum.shape === 'box'" }],
    mark: { type: 'rect', clip: true },
    encoding: {
      ...boxEncoding(rows),
      color: {
        field: 'mark',
        type: 'nominal',
        scale: { domain: Object.keys(MARKS), range: Object.values(MARKS) },
        legend: {
          columns: 3,
          symbolType: 'square',
          values: Object.keys(MARKS).filter((mark) => seen.some((each) => each === mark)),
        },
      },
      tooltip: TOOLTIP,
    },
  };
}

/** What no promise covers is pale within a dashed edge, so that it is told apart without its colour. */
function beyondLayer(rows: number): Layer {
  return {
    transform: [{ filter: "datum.shape === 'beyond'" }],
    mark: { type: 'rect', clip: true, fillOpacity: 0.25, stroke: MARKS['hold beyond its promise'], strokeDash: [3, 2] },
    encoding: { ...boxEncoding(rows), fill: COLOUR, tooltip: TOOLTIP },
  };
}

function tickLayer(rows: number): Layer {
  return {
    transform: [{ filter: "datum.shape === 'tick'" }],
    mark: { type: 'rule', clip: true, strokeWidth: 2 },
    encoding: {
      x: { field: 'fromS', type: 'quantitative' },
      y: rowAxis('from', rows),
      y2: { field: 'to' },
      stroke: COLOUR,
      tooltip: TOOLTIP,
    },
  };
}

function outlineLayer(rows: number): Layer {
  return {
    transform: [{ filter: "datum.shape === 'outline'" }],
    mark: { type: 'rect', clip: true, fillOpacity: 0.12, strokeWidth: 2.5 },
    encoding: {
      ...boxEncoding(rows),
      fill: COLOUR,
      stroke: COLOUR,
      tooltip: textTooltip(['overlap', 'between', 'length']),
    },
  };
}

function overlapLabelLayer(rows: number): Layer {
  return {
    transform: having('said'),
    mark: { type: 'text', align: 'right', baseline: 'middle', fontSize: LABEL_PX, fontWeight: 'bold', dx: -2 },
    encoding: {
      // In the line of the name, at the right, where no bar is.
      x: { value: 'width' },
      y: rowAxis('saidY', rows),
      text: { field: 'said', type: 'nominal' },
      fill: COLOUR,
    },
  };
}

function boxEncoding(rows: number): {
  x: PositionFieldDef;
  x2: { field: string };
  y: PositionFieldDef;
  y2: { field: string };
} {
  return {
    x: { field: 'fromS', type: 'quantitative' },
    x2: { field: 'toS' },
    y: rowAxis('from', rows),
    y2: { field: 'to' },
  };
}

const TOOLTIP = textTooltip(['client', 'key', 'outcome', 'waited', 'granted', 'promised', 'held', 'end', 'overlap']);

function rowsOfHolder({ spans }: HolderRow, index: number): Row[] {
  const lane = (from: number, to: number): Row => ({ from: index + from, to: index + to });
  return spans.flatMap((span) => {
    const told = tellSpan(span);
    const box = (mark: Mark, shape: string, fromNs: number, toNs: number, at: Row): Row[] =>
      toNs <= fromNs
        ? []
        : [{ shape, mark, colour: MARKS[mark], fromS: nsToS(fromNs), toS: nsToS(toNs), ...at, ...told }];
    const waiting = box('waiting', 'box', span.invokedNs, span.returnedNs, lane(LANE.waitFrom, LANE.waitTo));
    if (span.heldUntilNs === null) {
      const isOver = span.status !== 'unfinished';
      const tick = { shape: 'tick', mark: REFUSED, colour: MARKS[REFUSED], fromS: nsToS(span.returnedNs) };
      return [...waiting, ...(isOver ? [{ ...tick, ...lane(LANE.holdFrom, LANE.holdTo), ...told }] : [])];
    }
    const promisedNs = Math.max(promiseEnd(span), span.returnedNs);
    const holding = lane(LANE.holdFrom, LANE.holdTo);
    return [
      ...waiting,
      ...box('hold within its promise', 'box', span.returnedNs, promisedNs, holding),
      ...box('hold beyond its promise', 'beyond', promisedNs, span.heldUntilNs, holding),
    ];
  });
}

function tellSpan(span: TimelineSpan): Row {
  const { holder, keyIndex, status, invokedNs, returnedNs, heldUntilNs, validUntilNs } = span;
  const late = isGrantedExpired(span) ? ', already over at the grant' : '';
  return {
    client: holder,
    key: String(keyIndex),
    outcome: OUTCOME_WORDS[status],
    waited: formatNs(returnedNs - invokedNs),
    granted: heldUntilNs === null ? NONE : `at ${inSeconds(returnedNs)}`,
    promised: validUntilNs === null ? NONE : `until ${inSeconds(validUntilNs)}${late}`,
    held: heldUntilNs === null ? NONE : `until ${inSeconds(heldUntilNs)}`,
    end: span.end,
    overlap: span.overlap,
  };
}

function outlineRows({ kind, first, second, keyIndex, fromNs, toNs }: HeldTwice, holders: readonly HolderRow[]): Row[] {
  const mark: Mark = kind === 'contract' ? 'overlap of promises (contract)' : 'overlap after a promise (overrun)';
  const length = formatNs(toNs - fromNs);
  return [first, second].flatMap((span) => {
    const index = holders.findIndex((row) => row.holder === span.holder && row.keyIndex === keyIndex);
    if (index === -1) return [];
    return [
      {
        shape: 'outline',
        mark,
        colour: MARKS[mark],
        fromS: nsToS(fromNs),
        toS: nsToS(toNs),
        from: index + LANE.outlineFrom,
        to: index + LANE.outlineTo,
        overlap: kind,
        between: `${first.holder} and ${second.holder}`,
        length,
      },
    ];
  });
}

/** What a row is accused of: overlaps that began with its grants, or grants that came too late. */
function labelRow({ holder, keyIndex, spans }: HolderRow, index: number, overlaps: readonly HeldTwice[]): Row[] {
  const label = (said: string, mark: Mark): Row[] => [{ said, saidY: index + LANE.name, colour: MARKS[mark] }];
  const own = overlaps.filter((each) => each.keyIndex === keyIndex && each.second.holder === holder);
  const contract = own.filter(({ kind }) => kind === 'contract');
  const [worst] = [...(contract.length > 0 ? contract : own)].sort(byLength);
  if (worst === undefined) {
    return spans.some(isGrantedExpired) ? label('granted when its promise was over', 'hold beyond its promise') : [];
  }
  const mark: Mark = contract.length > 0 ? 'overlap of promises (contract)' : 'overlap after a promise (overrun)';
  const counted = own.length > 1 ? `${String(own.length)} overlaps, longest ` : '';
  return label(`${worst.kind}: ${counted}${formatNs(worst.toNs - worst.fromNs)} with ${worst.first.holder}`, mark);
}

function byLength(a: HeldTwice, b: HeldTwice): number {
  return b.toNs - b.fromNs - (a.toNs - a.fromNs);
}

function lastInstantS(timeline: readonly TimelineSpan[], faults: readonly FaultReceipt[]): number {
  const ends = [
    ...timeline.flatMap(({ returnedNs, heldUntilNs }) => [returnedNs, heldUntilNs ?? 0]),
    ...faults.flatMap(({ appliedNs, effectNs, healedNs }) => [appliedNs, effectNs ?? 0, healedNs ?? 0]),
  ];
  // An axis from zero to zero has no scale.
  return ends.reduce((most, ns) => Math.max(most, nsToS(ns)), 0.001);
}

function inSeconds(ns: number): string {
  return `${nsToS(ns).toFixed(3)} s`;
}

function isMark(mark: unknown): mark is Mark {
  return typeof mark === 'string' && mark in MARKS;
}
