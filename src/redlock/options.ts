/**
 * The settings of a client.
 *
 * @module
 */
import { freshSeed, seededRandom, type Random } from '../model/random.js';
import { SCENARIO_DEFAULTS, type Commands, type Transport, type WakeUp } from '../model/scenario.js';
import { systemClock, type Clock } from '../model/time.js';
import { COMMAND_CHOICES } from './dialect.js';
import type { RedlockObserver } from './observer.js';
import { LONGEST_TIMER_MS } from './waiting-room.js';

export interface RedlockOptions {
  /** How long an attempt waits for a master's vote; well below the ttl. Whole fan-outs share it. @default 50 */
  readonly nodeTimeoutMs?: number;
  /** How long an acquisition may wait for a held lock; 0 = one attempt, Infinity = until aborted. @default 10000 */
  readonly acquireTimeoutMs?: number;
  /**
   * How many attempts an acquisition may make, those included that came before the release they were told of.
   * @default Infinity
   */
  readonly maxAttempts?: number;
  /** The fixed part of the wait between attempts. @default 5 */
  readonly retryDelayMs?: number;
  /** The largest random part of it; longer than an attempt takes, or contenders meet again. @default 45 */
  readonly retryJitterMs?: number;
  /**
   * How a waiter learns of a release: `notify` = it is told, in its turn, and looks for itself seldom; `poll` = it looks
   * after each back-off. Waiters for several resources at once always poll. @default notify
   */
  readonly wakeUp?: WakeUp;
  /**
   * How masters that are named by a URL or an endpoint are reached: by ioredis, or by `wire`, a lean connection of our
   * own that costs less CPU. @default ioredis
   */
  readonly transport?: Transport;
  /**
   * Which commands release and extend a lock of one resource: the server's own compare-and-delete and compare-and-set
   * where it has them (`auto`), those or no connection (`native`), or Lua scripts everywhere. @default auto
   */
  readonly commands?: Commands;
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

/** Lays options over the defaults. */
export function completeOptions(options: RedlockOptions): RedlockSettings {
  const defaults = SCENARIO_DEFAULTS;
  return {
    nodeTimeoutMs: options.nodeTimeoutMs ?? defaults.nodeTimeoutMs,
    acquireTimeoutMs: options.acquireTimeoutMs ?? defaults.acquireTimeoutMs,
    maxAttempts: options.maxAttempts ?? Infinity,
    retryDelayMs: options.retryDelayMs ?? defaults.retryDelayMs,
    retryJitterMs: options.retryJitterMs ?? defaults.retryJitterMs,
    wakeUp: options.wakeUp ?? defaults.wakeUp,
    transport: options.transport ?? defaults.transport,
    commands: options.commands ?? defaults.commands,
    driftFactor: options.driftFactor ?? DEFAULT_DRIFT_FACTOR,
    clock: options.clock ?? systemClock,
    random: options.random ?? seededRandom(freshSeed()),
    observer: options.observer,
  };
}

/** Checks settings and returns every problem at once. */
export function validateSettings(settings: RedlockSettings): string[] {
  const { nodeTimeoutMs, acquireTimeoutMs, maxAttempts, retryDelayMs, retryJitterMs, driftFactor, wakeUp } = settings;
  const { transport, commands } = settings;
  const problems = validateLimits(acquireTimeoutMs, maxAttempts);
  const check = (isGood: boolean, name: string, expected: string, got: number): void => {
    if (!isGood) problems.push(`${name}: expected ${expected}, got ${String(got)}`);
  };
  check(isWait(nodeTimeoutMs) && nodeTimeoutMs > 0, 'nodeTimeoutMs', 'milliseconds above 0, such as 50', nodeTimeoutMs);
  check(isWait(retryDelayMs), 'retryDelayMs', 'milliseconds from 0, such as 5', retryDelayMs);
  check(isWait(retryJitterMs), 'retryJitterMs', 'milliseconds from 0, such as 45', retryJitterMs);
  check(driftFactor >= 0 && driftFactor < 1, 'driftFactor', 'a share from 0 to below 1, such as 0.01', driftFactor);
  check(
    retryDelayMs + retryJitterMs !== 0 || acquireTimeoutMs === 0,
    'retryJitterMs',
    'more than 0 where retryDelayMs is 0, because a waiter would retry in a busy loop; use 45',
    retryJitterMs,
  );
  if (!WAKE_UP_KINDS.includes(wakeUp)) problems.push(`wakeUp: expected notify or poll, got ${wakeUp}`);
  if (!TRANSPORTS.includes(transport)) {
    problems.push(`transport: expected ioredis or wire, got ${transport}`);
  }
  if (!COMMAND_CHOICES.includes(commands)) {
    problems.push(`commands: expected auto, native or lua, got ${commands}`);
  }
  return problems;
}

/** Checks the limits of an acquisition, a client's or its own. */
export function validateLimits(acquireTimeoutMs: number, maxAttempts: number): string[] {
  const problems: string[] = [];
  if (!isWait(acquireTimeoutMs) && acquireTimeoutMs !== Infinity) {
    problems.push(`acquireTimeoutMs: expected milliseconds from 0, or Infinity, got ${String(acquireTimeoutMs)}`);
  }
  if (!(maxAttempts >= 1) || (maxAttempts !== Infinity && !Number.isInteger(maxAttempts))) {
    problems.push(`maxAttempts: expected a whole number from 1, or Infinity, got ${String(maxAttempts)}`);
  }
  return problems;
}

const WAKE_UP_KINDS: readonly unknown[] = ['notify', 'poll'];
const TRANSPORTS: readonly unknown[] = ['ioredis', 'wire'];

const isWait = (ms: number): boolean => ms >= 0 && ms <= LONGEST_TIMER_MS;
