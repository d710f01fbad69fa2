/**
 * Reads the values of options: text in, a value or a problem out.
 *
 * @module
 */
import type { AskedFault } from '../model/fault.js';
import { parseFaults } from '../model/fault-text.js';
import type { HoldTime, KeyChoice, RoundTrip } from '../model/scenario.js';
import { parseDurationMs } from '../model/time.js';

/** A value, or what was expected instead; or, where one value has many words, every problem with them in full. */
export type Parsed<Value> =
  { readonly value: Value } | { readonly expected: string } | { readonly problems: readonly string[] };

const DURATION = 'a duration with its unit, such as 500us, 5ms, 1.5s or 2m';

export function parseDuration(text: string): Parsed<number> {
  const value = parseDurationMs(text);
  return value === undefined ? { expected: DURATION } : { value };
}

export function parseWhole(text: string): Parsed<number> {
  return /^\d{1,15}$/.test(text) ? { value: Number(text) } : { expected: 'a whole number' };
}

export function parseRate(text: string): Parsed<number> {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? { value } : { expected: 'operations per second, such as 500' };
}

/** `2.5%` → 0.025; undefined when it is no percentage. */
export function parsePercent(text: string): number | undefined {
  return /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined;
}

export function parseServiceRate(text: string): Parsed<number> {
  const rate = parseRate(text);
  return 'value' in rate ? rate : { expected: 'requests per second, such as 1000' };
}

/** One of a fixed list of words. */
export function choiceOf<const Choice extends string>(choices: readonly Choice[]): (text: string) => Parsed<Choice> {
  return (text) => {
    const value = choices.find((choice) => choice === text);
    return value === undefined ? { expected: choices.join(' or ') } : { value };
  };
}

/** `uncontended`, `single`, `uniform:K`, `zipf:K:THETA` or `hotspot:K:SHARE`. */
export function parseKeys(text: string): Parsed<KeyChoice> {
  const [kind, keysText = '', parameterText = '', ...rest] = text.split(':');
  const expected = 'uncontended, single, uniform:KEYS, zipf:KEYS:THETA or hotspot:KEYS:SHARE, such as zipf:1000:0.99';
  if ((kind === 'uncontended' || kind === 'single') && keysText === '') return { value: { kind } };
  const keys = parseWhole(keysText);
  if (!('value' in keys) || rest.length > 0) return { expected };
  if (kind === 'uniform' && parameterText === '') return { value: { kind, keys: keys.value } };
  const parameter = parseRate(parameterText);
  if (!('value' in parameter)) return { expected };
  if (kind === 'zipf') return { value: { kind, keys: keys.value, theta: parameter.value } };
  if (kind === 'hotspot') return { value: { kind, keys: keys.value, hotShare: parameter.value } };
  return { expected };
}

/** `5ms`, or `exp:5ms` for exponentially distributed holds with that mean. */
export function parseHold(text: string): Parsed<HoldTime> {
  const isExponential = text.startsWith('exp:');
  const mean = parseDurationMs(isExponential ? text.slice('exp:'.length) : text);
  if (mean === undefined) return { expected: '5ms, or exp:5ms for exponentially distributed holds' };
  return { value: { kind: isExponential ? 'exponential' : 'constant', meanMs: mean } };
}

const ROUND_TRIPS =
  'a round trip such as 2ms, 2ms~0.5ms (jitter), one for each master: 1ms,1ms,30ms, or such a list for each zone: 1ms,9ms;9ms,1ms';

/** `2ms`, `2ms~0.5ms` with a jitter of ±0.5 ms, one for each master: `0.5ms,0.5ms,30ms~5ms`, or such lists by zone: `1ms,9ms;9ms,1ms`. */
export function parseRoundTrips(text: string): Parsed<readonly (readonly RoundTrip[])[]> {
  const zones = text.split(';').map(parseZone);
  const known = zones.filter((zone) => zone !== undefined);
  return known.length === zones.length ? { value: known } : { expected: ROUND_TRIPS };
}

function parseZone(text: string): readonly RoundTrip[] | undefined {
  const trips: RoundTrip[] = [];
  for (const part of text.split(',')) {
    const [roundTripText = '', jitterText = '0ms', ...rest] = part.split('~');
    const roundTripMs = parseDurationMs(roundTripText);
    const jitterMs = parseDurationMs(jitterText);
    if (roundTripMs === undefined || jitterMs === undefined || rest.length > 0) return undefined;
    trips.push({ roundTripMs, jitterMs });
  }
  return trips;
}

/** Texts such as `kill master=2 at=5s for=3s`, each of one fault or of several. */
export function parseFaultList(texts: readonly string[]): Parsed<{ readonly faults: readonly AskedFault[] }> {
  const faults: AskedFault[] = [];
  const problems: string[] = [];
  for (const text of texts) {
    const read = parseFaults(text);
    if ('faults' in read) faults.push(...read.faults);
    else problems.push(...read.problems.map((problem) => `"${text}": ${problem}`));
  }
  return problems.length > 0 ? { problems } : { value: { faults } };
}
