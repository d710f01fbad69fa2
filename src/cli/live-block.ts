/**
 * The live view of a run, drawn: what is measured, how far it is, rate and response over time, outcomes, masters, faults,
 * exclusion.
 *
 * @module
 */
import { lateStartLimitNs, SATURATED_UTILIZATION } from '../check/health.js';
import { formatAmount, formatCount, formatRate, formatShare, formatThings } from '../model/figure-text.js';
import { OPERATION_STATUSES } from '../model/operation.js';
import { formatDurationMs, formatNs, msToS } from '../model/time.js';
import { NONE } from '../report/figures.js';
import { paint, type Emphasis, type Style } from '../report/style.js';
import { masterLines } from './live-masters.js';
import { MOST_SHOWN_SECONDS, type LiveSecond, type LiveState } from './live-state.js';
import { ASCII_GLYPHS, sparkline, type Glyphs, type Scale } from './sparkline.js';
import { cutToWidth, textWidth } from './text-width.js';

export interface LiveStyle extends Style {
  readonly rows: number;
  readonly glyphs: Glyphs;
}

const LABEL_WIDTH = 11;
const VALUE_WIDTH = 10;
/** What stands beside a sparkline where there is room, and the gap between. */
const ASIDE_WIDTH = 28;
const LEAST_WITH_ASIDE = 72;
const NARROW = 50;
const WIDEST_BAR = 40;
const MOST_FAULT_LINES = 2;
/** Of fewer starts in a second even the p90 is the latest one. */
const LEAST_STARTS = 10;

/** The lines of the view, none of them wider than the terminal less one. */
export function renderLiveBlock(state: LiveState, style: LiveStyle): string[] {
  const title = fit(
    [
      [`${state.title}: `, 'strong'],
      [state.subject, 'plain'],
    ],
    style,
  );
  const isLoaded = state.generator !== undefined;
  const room = style.rows - 1;
  const [body, foot] = keepMost(
    [
      { rank: 2, lines: [title] },
      { rank: 7, lines: state.whole === undefined ? [] : [fit([[state.whole, 'faint']], style)] },
      { rank: 1, lines: [phaseLine(state, style)] },
      { rank: 6, lines: isLoaded ? [generatorLine(state, style)] : [] },
      { rank: 5, lines: isLoaded ? sparkLines(state, style) : [] },
      { rank: 4, lines: isLoaded ? outcomeLines(state, style) : [] },
      { rank: 3, lines: isLoaded ? faultLines(state, style) : [] },
    ],
    { rank: 0, lines: isLoaded ? [exclusionLine(state, style)] : [] },
    room,
  );
  const masters = isLoaded ? masterLines(state.masters, style, room - body.length - foot.length) : [];
  return [...body, ...masters.map((line) => inLocale(line, style)), ...foot];
}

/** Lines that belong together; in a short terminal those of the highest rank go first. */
interface Group {
  readonly rank: number;
  readonly lines: readonly string[];
}

function keepMost(groups: readonly Group[], foot: Group, room: number): [body: string[], foot: string[]] {
  let left = room;
  const kept = new Map<Group, readonly string[]>();
  for (const group of [...groups, foot].sort((a, b) => a.rank - b.rank)) {
    const lines = group.lines.slice(0, Math.max(0, left));
    kept.set(group, lines);
    left -= lines.length;
  }
  return [groups.flatMap((group) => kept.get(group) ?? []), [...(kept.get(foot) ?? [])]];
}

/** A text and how it is painted. */
type Part = readonly [text: string, emphasis: Emphasis];

/** Paints parts, cut to the width of the terminal: the last column stays free, so that no line is folded. */
function fit(parts: readonly Part[], style: LiveStyle): string {
  let room = Math.max(1, style.columns - 1);
  const painted = parts.map(([text, emphasis]) => {
    // Before it is measured, because a character may become two.
    const written = inLocale(text, style);
    const shown = cutToWidth(written, room, inLocale('…', style));
    room -= Math.min(room, textWidth(written));
    return paint(style, emphasis, shown);
  });
  return painted.join('');
}

function row(label: string, parts: readonly Part[], style: LiveStyle): string {
  return fit([[label.padEnd(LABEL_WIDTH), 'faint'], ...parts], style);
}

function phaseLine(state: LiveState, style: LiveStyle): string {
  const { phase, loadedMs, warmupMs, durationMs } = state;
  if (loadedMs === undefined) return fit([[phase, 'plain']], style);
  if (phase !== '') return row('ending', [[phase, 'plain']], style);
  const allMs = warmupMs + durationMs;
  const share = Math.min(1, loadedMs / allMs);
  const [name, time] = describePhase(state, loadedMs, style.columns < NARROW);
  const width = Math.max(0, Math.min(WIDEST_BAR, style.columns - 1 - LABEL_WIDTH - 2 - time.length));
  const done = Math.round(share * width);
  return row(
    name,
    [
      [style.glyphs.done.repeat(done), 'good'],
      [style.glyphs.ahead.repeat(width - done), 'faint'],
      [width > 0 ? `  ${time}` : time, 'plain'],
    ],
    style,
  );
}

function describePhase(
  { warmupMs, durationMs }: LiveState,
  loadedMs: number,
  isNarrow: boolean,
): [name: string, time: string] {
  const measuredMs = loadedMs - warmupMs;
  if (measuredMs < 0) return ['warming up', `${formatWait(-measuredMs)} left of it`];
  if (measuredMs >= durationMs) return ['ending', 'draining'];
  const left = `${formatWait(durationMs - measuredMs)} left`;
  return ['measuring', isNarrow ? left : `${seconds(measuredMs)} of ${formatPlanned(durationMs)}, ${left}`];
}

function generatorLine({ generator, inFlight, seconds: told }: LiveState, style: LiveStyle): string {
  const parts: Part[] = [];
  const separator: Part = [', ', 'plain'];
  if (generator !== undefined && generator.busiestLoop !== null) {
    const { busiestLoop, isOpenLoop } = generator;
    const isFull = !isOpenLoop && busiestLoop > SATURATED_UTILIZATION;
    parts.push([`event loop ${(100 * busiestLoop).toFixed(0)} %`, isFull ? 'warning' : 'plain'], separator);
  }
  if (generator?.isOpenLoop === true) {
    const { starts, quantile, delayNs } = generator.lateStarts;
    const isLate = starts >= LEAST_STARTS && delayNs > lateStartLimitNs(told.at(-1)?.response?.p99Ns ?? 0);
    const name = starts >= LEAST_STARTS ? `p${String(Math.round(100 * quantile))}` : 'latest';
    parts.push([`starts ${isLate ? 'LATE ' : ''}${name} +${formatNs(delayNs)}`, isLate ? 'bad' : 'plain'], separator);
  }
  if (inFlight !== null) {
    parts.push([`in flight ${formatAmount(inFlight.mean)}, most ${formatCount(inFlight.max)}`, 'plain'], separator);
  }
  return row('generator', parts.length === 0 ? [[NONE, 'plain']] : parts.slice(0, -1), style);
}

interface Track {
  readonly label: string;
  readonly value: string;
  readonly emphasis: Emphasis;
  readonly aside: string;
  readonly scale: Scale;
  readonly valueOf: (second: LiveSecond) => number | null;
}

/** Rate, response and misses, a character for each second, and under them a mark for each that had a fault. */
function sparkLines({ seconds: all, activeFaults, nextFault }: LiveState, style: LiveStyle): string[] {
  const isWide = style.columns >= LEAST_WITH_ASIDE;
  const room = style.columns - 1 - LABEL_WIDTH - VALUE_WIDTH - 1 - (isWide ? ASIDE_WIDTH : 0);
  const shown = all.slice(-Math.max(1, Math.min(MOST_SHOWN_SECONDS, room)));
  const last = shown.at(-1);
  const response = last?.response ?? null;
  const missed = last?.missedPerSecond ?? 0;
  const peak = shown.reduce((most, { ratePerSecond }) => Math.max(most, ratePerSecond), 0);
  const aside = response === null ? '' : `p50 ${formatNs(response.p50Ns)}  max ${formatNs(response.maxNs)}`;
  const tracks: Track[] = [
    {
      label: 'acquired',
      value: formatRate(Math.round(last?.ratePerSecond ?? 0)),
      emphasis: 'strong',
      aside: `most ${formatRate(Math.round(peak))}`,
      scale: 'linear',
      valueOf: (second) => second.ratePerSecond,
    },
    {
      label: 'p99',
      value: response === null ? NONE : formatNs(response.p99Ns),
      emphasis: 'strong',
      aside,
      scale: 'log',
      valueOf: (second) => second.response?.p99Ns ?? null,
    },
    {
      label: 'no lock',
      value: formatRate(Math.round(missed)),
      emphasis: missed > 0 ? 'warning' : 'plain',
      aside: '',
      scale: 'events',
      valueOf: ({ missedPerSecond }) => missedPerSecond,
    },
  ];
  const lines = tracks.map((track) => trackLine(track, shown, room, isWide, style));
  const isMarked = activeFaults.length > 0 || nextFault !== undefined || shown.some(({ isFaulty }) => isFaulty);
  const narrow = isWide || response === null ? [] : [row('', [[aside, 'plain']], style)];
  return [...lines, ...narrow, ...(isMarked ? [faultTrack(shown, activeFaults.length, room, style)] : [])];
}

function trackLine(
  { label, value, emphasis, aside, scale, valueOf }: Track,
  shown: readonly LiveSecond[],
  room: number,
  isWide: boolean,
  style: LiveStyle,
): string {
  const marks = sparkline(shown.map(valueOf), scale, style.glyphs);
  const parts = runsOf(shown, marks);
  const padding = ' '.repeat(Math.max(0, Math.min(MOST_SHOWN_SECONDS, room) - shown.length));
  return row(
    label,
    [
      [value.padEnd(VALUE_WIDTH), emphasis],
      [' ', 'plain'],
      ...parts,
      ...(isWide ? ([[`${padding}  ${aside}`, 'faint']] as const) : []),
    ],
    style,
  ).trimEnd();
}

/** Neighbours that are painted alike: a second with a fault stands out. */
function runsOf(shown: readonly LiveSecond[], marks: readonly string[]): Part[] {
  const runs: [string, Emphasis][] = [];
  shown.forEach(({ isFaulty }, index) => {
    const emphasis = isFaulty ? 'warning' : 'plain';
    const last = runs.at(-1);
    if (last?.[1] === emphasis) last[0] += marks[index] ?? '';
    else runs.push([marks[index] ?? '', emphasis]);
  });
  return runs;
}

function faultTrack(shown: readonly LiveSecond[], active: number, room: number, style: LiveStyle): string {
  const marks = shown
    .slice(-room)
    .map(({ isFaulty }) => (isFaulty ? style.glyphs.band : ' '))
    .join('');
  const now = active > 0 ? `${String(active)} now` : 'none now';
  return row(
    'faults',
    [
      [now.padEnd(VALUE_WIDTH), active > 0 ? 'warning' : 'plain'],
      [` ${marks}`.trimEnd(), 'warning'],
    ],
    style,
  );
}

function faultLines({ activeFaults, nextFault }: LiveState, style: LiveStyle): string[] {
  const listed = activeFaults.slice(-MOST_FAULT_LINES).map(({ name, sinceMs, isInjected }) => {
    const what = isInjected ? name : `${name} being injected`;
    return row('fault', [[`${what} since ${msToS(sinceMs).toFixed(1)} s`, 'warning']], style);
  });
  const more = activeFaults.length - listed.length;
  return [
    ...listed,
    ...(more > 0 ? [row('', [[`and ${formatThings(more, 'more fault')}`, 'warning']], style)] : []),
    ...(nextFault === undefined
      ? []
      : [row('next fault', [[`${nextFault.name} in ${formatWait(nextFault.inMs)}`, 'plain']], style)]),
  ];
}

/** What operations came to since the window began: who acquired, and every other outcome that there was. */
function outcomeLines({ counts }: LiveState, style: LiveStyle): string[] {
  const all = OPERATION_STATUSES.reduce((sum, status) => sum + counts[status], 0);
  const missed = OPERATION_STATUSES.filter((status) => status !== 'acquired' && counts[status] > 0);
  const share = all === 0 ? '' : ` (${formatShare(counts.acquired / all)})`;
  const outcomes = [
    `${formatCount(counts.acquired)} acquired${share}`,
    ...missed.map((status) => `${formatCount(counts[status])} ${status}`),
  ];
  // A list that does not fit goes on in the next line; its words are never cut.
  const lines: string[] = [];
  for (const outcome of outcomes) {
    const longer = lines.length === 0 ? outcome : `${lines.at(-1) ?? ''}, ${outcome}`;
    if (lines.length > 0 && longer.length <= style.columns - 1 - LABEL_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(outcome);
  }
  return lines.map((line, index) => row(index === 0 ? 'in all' : '', [[line, 'plain']], style));
}

function exclusionLine({ witnessed }: LiveState, style: LiveStyle): string {
  if (witnessed === undefined || witnessed.holds + witnessed.contractCount + witnessed.overruns === 0) {
    return row('exclusion', [['no hold witnessed yet', 'plain']], style);
  }
  const { holds, contractCount, overruns } = witnessed;
  const parts: Part[] = [
    ...(contractCount > 0
      ? ([[`${formatThings(contractCount, 'OVERLAP', 'OVERLAPS')} against the contract, `, 'bad']] as const)
      : []),
    ...(overruns > 0 ? ([[`${formatThings(overruns, 'overrun')}, `, 'warning']] as const) : []),
  ];
  if (parts.length > 0)
    return row('exclusion', [...parts, [`${formatThings(holds, 'hold')} witnessed`, 'plain']], style);
  return row('exclusion', [[`no overlap seen in ${formatThings(holds, 'hold')}`, 'good']], style);
}

/** A span that people wait for. */
function formatWait(ms: number): string {
  const wholeS = Math.ceil(msToS(ms));
  if (wholeS < 120) return `${String(wholeS)} s`;
  const minutes = Math.floor(wholeS / 60);
  return `${String(minutes)} min ${String(wholeS % 60)} s`;
}

/** A span that was asked for: `60 s`, and `1500ms` where whole seconds would change it. */
export function formatPlanned(ms: number): string {
  return Number.isInteger(msToS(ms)) ? seconds(ms) : formatDurationMs(ms);
}

/** Whole ones that are over, so that they add up with those that are left. */
function seconds(ms: number): string {
  return `${String(Math.floor(msToS(ms)))} s`;
}

const ASCII: Readonly<Record<string, string>> = { µ: 'u', '…': '~', [NONE]: '-', '±': '+-' };

/** A locale without UTF-8 gets what everybody has. */
function inLocale(line: string, { glyphs }: LiveStyle): string {
  if (glyphs !== ASCII_GLYPHS) return line;
  // eslint-disable-next-line no-control-regex -- the escapes of colours are ASCII, too
  return line.replaceAll(/[^\x00-\x7f]/g, (character) => ASCII[character] ?? '?');
}
