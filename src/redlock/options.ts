/**
 * The settings of a client.
 *
 * @module
 */
import { SCENARIO_DEFAULTS } from '../model/scenario.js';
import { freshSeed, seededRandom, type Random } from '../model/random.js';
import { systemClock, type Clock } from '../model/time.js';
import type { RedlockObserver } from './observer.js';

export interface RedlockOptions {
  /** How long an attempt waits for a master's vote; well below the ttl. Whole fan-outs share it. @default 50 */
  readonly nodeTimeoutMs?: number;
  /** How long an acquisition may wait for a held lock; 0 = one attempt, Infinity = until aborted. @default 10000 */
  readonly acquireTimeoutMs?: number;
  /** The fixed part of the wait between attempts. @default 5 */
  readonly retryDelayMs?: number;
  /** The largest random part of it; longer than an attempt takes, or contenders meet again. @default 45 */
  readonly retryJitterMs?: number;
  /** How far clocks may drift apart, as a share of the ttl. @default 0.01 */
  readonly driftFactor?: number;
  /** Monotonic. @default the host's CLOCK_MONOTONIC */
  readonly clock?: Clock;
  /** For waits only, never for tokens. @default a stream of its own */
  readonly random?: Random;
  /** Told what happens inside. @default none, and nothing is measured */
  readonly observer?: RedlockObserver | undefined;
}

export type RedlockSettings = Required<RedlockOptions>;

const DEFAULT_DRIFT_FACTOR = 0.01;
/** What a timer of Node can wait: 2³¹−1 ms, 24 days. */
const LONGEST_WAIT_MS = 2_147_483_647;

/** Lays options over the defaults. */
export function completeOptions(options: RedlockOptions): RedlockSettings {
  const { nodeTimeoutMs, acquireTimeoutMs, retryDelayMs, retryJitterMs } = SCENARIO_DEFAULTS;
  return {
    nodeTimeoutMs: options.nodeTimeoutMs ?? nodeTimeoutMs,
    acquireTimeoutMs: options.acquireTimeoutMs ?? acquireTimeoutMs,
    retryDelayMs: options.retryDelayMs ?? retryDelayMs,
    retryJitterMs: options.retryJitterMs ?? retryJitterMs,
    driftFactor: options.driftFactor ?? DEFAULT_DRIFT_FACTOR,
    clock: options.clock ?? systemClock,
    random: options.random ?? seededRandom(freshSeed()),
    observer: options.observer,
  };
}

/** Checks settings and returns every problem at once. */
export function validateSettings(settings: RedlockSettings): string[] {
  const { nodeTimeoutMs, acquireTimeoutMs, retryDelayMs, retryJitterMs, driftFactor } = settings;
  const problems: string[] = [];
  const check = (isGood: boolean, name: string, expected: string, got: number): void => {
    if (!isGood) problems.push(`${name}: expected ${expected}, got ${String(got)}`);
  };
  check(isWait(nodeTimeoutMs) && nodeTimeoutMs > 0, 'nodeTimeoutMs', 'milliseconds above 0, such as 50', nodeTimeoutMs);
  check(
    isWait(acquireTimeoutMs) || acquireTimeoutMs === Infinity,
    'acquireTimeoutMs',
    'milliseconds from 0, or Infinity',
    acquireTimeoutMs,
  );
  check(isWait(retryDelayMs), 'retryDelayMs', 'milliseconds from 0, such as 5', retryDelayMs);
  check(isWait(retryJitterMs), 'retryJitterMs', 'milliseconds from 0, such as 45', retryJitterMs);
  check(driftFactor >= 0 && driftFactor < 1, 'driftFactor', 'a share from 0 to below 1, such as 0.01', driftFactor);
  check(
    retryDelayMs + retryJitterMs !== 0 || acquireTimeoutMs === 0,
    'retryJitterMs',
    'more than 0 where retryDelayMs is 0, because a waiter would retry in a busy loop; use 45',
    retryJitterMs,
  );
  return problems;
}

const isWait = (ms: number): boolean => ms >= 0 && ms <= LONGEST_WAIT_MS;
