/**
 * The masters in the live view: a row for each, and the troubled ones where there is no room for all.
 *
 * @module
 */
import { stripVTControlCharacters } from 'node:util';
import { formatCount, formatRate, formatThings } from '../model/figure-text.js';
import { formatNs, type Ns } from '../model/time.js';
import { NONE } from '../report/figures.js';
import { alignColumns, paint, type Cell, type Emphasis, type Style } from '../report/style.js';
import type { LiveMaster } from './live-state.js';

/** From these widths on there is room for the columns. */
const WIDE = 72;
const MIDDLE = 54;

/** With fewer lines than for a head, a master and the count of the others there is no table of many. */
const LEAST_ROOM = 3;

/** A head and a row for each master, in at most so many lines; none where these are too few. */
export function masterLines(masters: readonly LiveMaster[], style: Style, room: number): string[] {
  const hasAll = masters.length + 1 <= room;
  if (!hasAll && room < LEAST_ROOM) return [];
  const shown = hasAll ? masters : pickTroubled(masters, room - 2);
  const rows = shown.map((master) => cellsOf(master, style));
  const left = masters.length - shown.length;
  return [
    ...alignColumns([headOf(style), ...rows], 1, style),
    ...(left > 0 ? [paint(style, 'faint', `and ${formatThings(left, 'more master')}`)] : []),
  ].map((line) => cut(line, style));
}

/** In a terminal for which even the fewest columns are too many, the rest and its colours are missing. */
function cut(line: string, { columns }: Style): string {
  const visible = [...stripVTControlCharacters(line)];
  return visible.length < columns ? line : visible.slice(0, columns - 1).join('');
}

/** In their order. */
function pickTroubled(masters: readonly LiveMaster[], most: number): LiveMaster[] {
  const isFirst = (master: LiveMaster): boolean => toneOf(master) !== 'plain';
  const ranked = [...masters.filter(isFirst), ...masters.filter((master) => !isFirst(master))].slice(0, most);
  return ranked.sort((a, b) => a.number - b.number);
}

function toneOf({ vitals, isTroubled, roundTripP50Ns }: LiveMaster): Emphasis {
  if (vitals?.isReachable === false || (isTroubled && roundTripP50Ns === null)) return 'bad';
  return isTroubled ? 'warning' : 'plain';
}

function headOf({ columns }: Style): Cell[] {
  const names = ['masters', 'p50', 'p99', 'timeouts', 'errors', ...(columns >= WIDE ? ['commands', 'CPU'] : [])];
  const kept = columns >= MIDDLE ? names : ['masters', 'p99', 'lost'];
  return kept.map((text) => ({ text, emphasis: 'faint' }));
}

function cellsOf(master: LiveMaster, { columns }: Style): Cell[] {
  const { number, roundTripP50Ns, roundTripP99Ns, timeouts, errors, vitals } = master;
  const emphasis = toneOf(master);
  const name: Cell = { text: `master ${String(number)}`, emphasis };
  const cells = (...texts: string[]): Cell[] => [name, ...texts.map((text) => ({ text, emphasis }))];
  const lost = vitals?.isReachable === false ? 'no answer' : undefined;
  if (columns < MIDDLE) return cells(formatTrip(roundTripP99Ns), lost ?? formatCount(timeouts + errors));
  const seen = [formatTrip(roundTripP50Ns), formatTrip(roundTripP99Ns), formatCount(timeouts), formatCount(errors)];
  if (columns < WIDE) return cells(...seen);
  const { cpuShare = null, commandsPerSecond = null } = vitals ?? {};
  return cells(
    ...seen,
    lost ?? (commandsPerSecond === null ? NONE : formatRate(commandsPerSecond)),
    cpuShare === null ? NONE : `${(100 * cpuShare).toFixed(0)} %`,
  );
}

function formatTrip(ns: Ns | null): string {
  return ns === null ? NONE : formatNs(ns);
}
