/**
 * Time: milliseconds to configure, nanoseconds to measure, and every conversion between units.
 *
 * @module
 */

/**
 * An instant or a span in nanoseconds. Instants come from `process.hrtime`, which reads CLOCK_MONOTONIC: one clock
 * for every thread and process of a host. As a double it stays exact for 104 days of uptime and to 2 ns for 208.
 */
export type Ns = number;

/** A source of monotonic time, injected so that tests own it. */
export interface Clock {
  nowNs(): Ns;
}

/** The clock of this host: monotonic, never set back, shared by all its threads and processes. */
export const systemClock: Clock = {
  nowNs: () => Number(process.hrtime.bigint()),
};

/** Reads the wall clock for labels in results; never for measuring. Milliseconds since 1970. */
export function wallClockMs(): number {
  return Date.now();
}

const NS_PER_US = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;
const MS_PER_S = 1_000;

export const msToNs = (ms: number): Ns => ms * NS_PER_MS;
export const nsToMs = (ns: Ns): number => ns / NS_PER_MS;
export const usToNs = (us: number): Ns => us * NS_PER_US;
export const nsToUs = (ns: Ns): number => ns / NS_PER_US;
export const sToNs = (s: number): Ns => s * NS_PER_S;
export const nsToS = (ns: Ns): number => ns / NS_PER_S;
export const msToS = (ms: number): number => ms / MS_PER_S;
export const usToS = (us: number): number => us / (NS_PER_S / NS_PER_US);

const MS_PER_UNIT: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

/**
 * Parses a duration that names its unit, such as `5ms`, `1.5s`, `200us` or `2m`.
 *
 * @returns milliseconds, or undefined for anything else, a bare number included
 */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m)$/.exec(text.trim());
  const msPerUnit = MS_PER_UNIT[match?.[2] ?? ''];
  return match === null || msPerUnit === undefined ? undefined : Number(match[1]) * msPerUnit;
}

/** Writes a span so that a person reads it at once: three significant digits and the unit that suits them. */
export function formatNs(ns: Ns): string {
  if (ns === 0) return '0 ms';
  if (Math.abs(ns) < NS_PER_US) return `${digits(ns)} ns`;
  if (Math.abs(ns) < NS_PER_MS) return `${digits(nsToUs(ns))} µs`;
  if (Math.abs(ns) < NS_PER_S) return `${digits(nsToMs(ns))} ms`;
  return `${digits(nsToS(ns))} s`;
}

/** Writes a configured span as it would be typed: the largest unit that leaves no fraction, `1500ms` but `2s`. */
export function formatDurationMs(ms: number): string {
  if (ms !== 0 && ms < 1) return `${String(Math.round(ms * 1_000))}us`;
  if (ms >= 60_000 && ms % 60_000 === 0) return `${String(ms / 60_000)}m`;
  if (ms >= MS_PER_S && ms % MS_PER_S === 0) return `${String(ms / MS_PER_S)}s`;
  return `${String(ms)}ms`;
}

function digits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100) return value.toFixed(0);
  return magnitude >= 10 ? value.toFixed(1) : value.toFixed(2);
}
