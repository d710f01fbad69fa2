/**
 * One client's connection through a proxy: two lines, and what an impairment does to both.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { LinePlan } from './arrival-schedule.js';
import { cut, DelayLine, type LineOptions } from './delay-line.js';
import type { Impairment } from './impairment.js';
import type { GateMode, WayTally } from './line-gate.js';
import type { ServiceStation } from './service-station.js';

/**
 * How long `reset-after-request` waits for the reply that proves the request's effect, and then for the end of the
 * connection to a master that does not close it.
 */
const REPLY_TIMEOUT_MS = 1_000;

/** What the gates of both directions do under each impairment. */
const GATES: Readonly<Record<Impairment['kind'], readonly [requests: GateMode, replies: GateMode]>> = {
  pass: ['pass', 'pass'],
  latency: ['pass', 'pass'],
  bandwidth: ['pass', 'pass'],
  hold: ['hold', 'hold'],
  'hold-requests': ['hold', 'pass'],
  'hold-replies': ['pass', 'hold'],
  blackhole: ['discard', 'discard'],
  'half-open': ['pass', 'discard'],
  // Whoever is connected when these two begin is reset instead.
  cut: ['discard', 'discard'],
  reset: ['pass', 'pass'],
  'reset-after-request': ['once', 'pass'],
};

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly plans: { readonly requests: LinePlan; readonly replies: LinePlan };
  readonly tallies: { readonly requests: WayTally; readonly replies: WayTally };
  readonly context: Pick<LineOptions, 'queue' | 'clock' | 'random'>;
  /** Serves the requests; undefined: they reach the master as they come. */
  readonly station?: ServiceStation | undefined;
  /** Runs when an impairment resets the connection. */
  readonly onReset: () => void;
}

/** Carries both directions until both sockets are closed. */
export class ProxiedConnection {
  readonly #options: ConnectionOptions;
  readonly #requests: DelayLine;
  readonly #replies: DelayLine;
  /** It began in a black hole, so that its client has spoken to nobody. */
  readonly #isSilent: boolean;
  /** While a delivered request waits for the reply that will be replaced by a reset. */
  #finish: (() => void) | undefined;
  #isOver = false;

  constructor(options: ConnectionOptions, impairment: Impairment) {
    const { client, upstream, plans, tallies, context, station } = options;
    this.#options = options;
    const ways = { requests: { source: client, sink: upstream }, replies: { source: upstream, sink: client } };
    const requests = { ...ways.requests, plan: plans.requests, tally: tallies.requests, station };
    this.#requests = new DelayLine({ ...context, ...requests });
    this.#replies = new DelayLine({ ...context, ...ways.replies, plan: plans.replies, tally: tallies.replies });
    this.#isSilent = impairment.kind === 'blackhole';
    // That strikes who was there when it began: the client's next connection, too, would never get beyond its greeting.
    if (impairment.kind !== 'pass' && impairment.kind !== 'reset-after-request') this.#apply(impairment);
  }

  /** Replaces whatever impairment there was. A stream that has a gap by now cannot go on: its connection is reset. */
  impair(impairment: Impairment): void {
    this.#finish?.();
    if (this.#isOver) return;
    const hasLost = this.#isSilent || this.#requests.gate.hasLost || this.#replies.gate.hasLost;
    if (hasLost || impairment.kind === 'cut' || impairment.kind === 'reset') this.#reset();
    else this.#apply(impairment);
  }

  /** Ends both sides as a crash does; what was on its way is lost. */
  #reset(): void {
    const { client, upstream, onReset } = this.#options;
    this.#isOver = true;
    this.#requests.gate.close();
    this.#replies.gate.close();
    if (!client.destroyed) onReset();
    cut(client);
    cut(upstream);
  }

  #apply(impairment: Impairment): void {
    const { requests, replies } = this.#options.plans;
    this.#requests.divert(impairedPlan(requests, impairment));
    this.#replies.divert(impairedPlan(replies, impairment));
    const [requestMode, replyMode] = GATES[impairment.kind];
    // Replies that were held belong to earlier requests than any that is released below.
    this.#replies.gate.become(replyMode);
    if (requestMode === 'once') this.#requests.gate.become('once', this.#awaitReply);
    else this.#requests.gate.become(requestMode);
  }

  /**
   * A reply that comes now may answer an earlier request: the new one still takes effect, since the connection to the
   * master ends behind it, with an orderly end that no bytes are lost to.
   */
  readonly #awaitReply = (): void => {
    const { client, upstream, onReset } = this.#options;
    const timer = setTimeout(() => this.#finish?.(), REPLY_TIMEOUT_MS);
    this.#finish = () => {
      this.#finish = undefined;
      this.#isOver = true;
      clearTimeout(timer);
      this.#requests.gate.close();
      if (!client.destroyed) onReset();
      cut(client);
      upstream.end();
      setTimeout(() => upstream.destroy(), REPLY_TIMEOUT_MS).unref();
    };
    this.#replies.gate.become('discard', () => this.#finish?.());
  };
}

/** The plan of one direction while it is impaired; undefined: its own. */
function impairedPlan(plan: LinePlan, impairment: Impairment): LinePlan | undefined {
  if (impairment.kind === 'latency') {
    const { delayMs, jitterMs } = impairment;
    return { ...plan, delayMs: plan.delayMs + delayMs, jitterMs: plan.jitterMs + jitterMs };
  }
  if (impairment.kind === 'bandwidth') {
    return { ...plan, bytesPerSecond: Math.min(plan.bytesPerSecond ?? Infinity, impairment.bytesPerSecond) };
  }
  return undefined;
}
