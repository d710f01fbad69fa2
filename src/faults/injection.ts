/**
 * A fault on its way from injection to proof, heal and proof of the heal.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import type { FaultReceipt } from '../model/fault.js';
import { limitTime } from '../model/time-limit.js';
import { msToNs, nsToMs, type Clock, type Ns } from '../model/time.js';

/** What a probe saw, as the end of a sentence, and when; without an instant: just now. */
export interface Sight {
  readonly saw: string;
  readonly atNs?: Ns;
}

/** One fault in terms of what is done and what is looked at. */
export interface Act {
  /**
   * Why it cannot be done here, known before anything is done: only this makes a fault `not-run`. Undefined, or missing:
   * it can be tried.
   */
  obstacle?(): string | undefined;
  /** Whatever it throws, the fault may have struck by then. */
  inject(): Promise<void>;
  /** Looks once for the effect; undefined: it does not show yet. */
  seeEffect(): Promise<Sight | undefined>;
  /** Ends the fault; undefined where there is nothing to end. Must do no harm where the injection failed. */
  heal?(): Promise<void>;
  /** Looks once for the end; undefined: it does not show yet. Missing where a fault has no end. */
  seeHealed?(): Promise<Sight | undefined>;
}

/** How a receipt names its fault. */
export interface FaultLabel {
  /** As it would be typed. */
  readonly text: string;
  readonly kind: string;
  readonly target: string;
}

/** How a receipt counts time. */
export interface FaultTiming {
  readonly clock: Clock;
  /** The instant from which receipts count: the start of the measured window, or of an experiment. */
  readonly epochNs: Ns;
  /** How long the effect may take to show; 2 s unless given. */
  readonly proofMs?: number | undefined;
}

/** A fault that was injected. */
export interface Injection {
  /** As it stands now: of the effect, and after `heal` of the end. */
  readonly receipt: FaultReceipt;
  /** Ends the fault and looks for its end; a second call waits for the first. Never rejects: the receipt says what failed. */
  heal(): Promise<FaultReceipt>;
}

const DEFAULT_PROOF_MS = 2_000;
/** A restarted server loads its keys first. */
const HEAL_PROOF_MS = 10_000;
const LOOK_EVERY_MS = 5;
/** A look that began shortly before its time was up may still see something. */
const LEAST_LOOK_MS = 500;
/** Longer than a server may take to end in order, and to be killed then. */
const INJECT_LIMIT_MS = 20_000;
/** Longer than a server may take to come back to a port that was taken. */
const HEAL_LIMIT_MS = 30_000;

/** Injects a fault and looks for its effect. Never rejects: what could not be done is in the receipt. */
export async function inject(act: Act, label: FaultLabel, timing: FaultTiming): Promise<Injection> {
  const injection = new ProvenInjection(act, label, timing);
  await injection.begin();
  return injection;
}

/** The receipt of a fault that was never injected. */
export function notRun(label: FaultLabel, appliedNs: Ns, why: string): FaultReceipt {
  const { text: fault, kind, target } = label;
  return { fault, kind, target, appliedNs, effectNs: null, healedNs: null, proof: why, status: 'not-run' };
}

class ProvenInjection implements Injection {
  readonly #act: Act;
  readonly #timing: FaultTiming;
  #receipt: FaultReceipt;
  #healing: Promise<FaultReceipt> | undefined;

  constructor(act: Act, label: FaultLabel, timing: FaultTiming) {
    this.#act = act;
    this.#timing = timing;
    this.#receipt = { ...notRun(label, this.#now(), ''), status: 'unproven' };
  }

  get receipt(): FaultReceipt {
    return this.#receipt;
  }

  async begin(): Promise<void> {
    const obstacle = this.#act.obstacle?.();
    if (obstacle !== undefined) {
      this.#receipt = { ...this.#receipt, status: 'not-run', proof: `it could not be injected: ${obstacle}` };
      return;
    }
    try {
      await this.#strike();
    } catch (thrown) {
      this.#receipt = { ...this.#receipt, proof: `it could not be injected: ${toError(thrown).message}` };
      return;
    }
    const look = this.#act.seeEffect.bind(this.#act);
    const effect = await this.#watch(look, this.#timing.proofMs ?? DEFAULT_PROOF_MS);
    this.#receipt =
      typeof effect === 'string'
        ? { ...this.#receipt, proof: `no effect was seen: ${effect}` }
        : { ...this.#receipt, status: 'effective', effectNs: this.#instant(effect), proof: effect.saw };
  }

  heal(): Promise<FaultReceipt> {
    this.#healing ??= this.#end();
    return this.#healing;
  }

  async #end(): Promise<FaultReceipt> {
    // Only then nothing was done. An injection that failed may have struck all the same.
    if (this.#receipt.status === 'not-run') return this.#receipt;
    try {
      await this.#undo();
    } catch (thrown) {
      this.#append(`it could not be healed: ${toError(thrown).message}`);
      return this.#receipt;
    }
    if (this.#act.seeHealed === undefined) return this.#receipt;
    const end = await this.#watch(this.#act.seeHealed.bind(this.#act), HEAL_PROOF_MS);
    if (typeof end === 'string') this.#append(`its end was not seen: ${end}`);
    else {
      // An injection that failed has nothing to recover from.
      if (this.#receipt.effectNs !== null) this.#receipt = { ...this.#receipt, healedNs: this.#instant(end) };
      this.#append(`then ${end.saw}`);
    }
    return this.#receipt;
  }

  /** An injection that takes too long is given up; should it strike after the heal, it is healed again. */
  async #strike(): Promise<void> {
    const injected = this.#act.inject();
    let isLate = false;
    const healLate = (): void => {
      if (isLate && this.#healing !== undefined) void this.#healing.then(() => this.#undo()).catch(() => undefined);
    };
    void injected.then(healLate, healLate);
    try {
      await limitTime(injected, INJECT_LIMIT_MS, 'its injection');
    } finally {
      isLate = true;
    }
  }

  async #undo(): Promise<void> {
    if (this.#act.heal !== undefined) await limitTime(this.#act.heal(), HEAL_LIMIT_MS, 'its heal');
  }

  /** Looks until there is something to see, or says why there was nothing. */
  async #watch(look: () => Promise<Sight | undefined>, withinMs: number): Promise<Sight | string> {
    const { clock } = this.#timing;
    const deadlineNs = clock.nowNs() + msToNs(withinMs);
    let why = 'the probes found everything as before';
    do {
      try {
        const leftMs = Math.ceil(nsToMs(deadlineNs - clock.nowNs()));
        const sight = await limitTime(look(), Math.max(LEAST_LOOK_MS, leftMs), 'an answer to a probe');
        if (sight !== undefined) return sight;
      } catch (thrown) {
        why = toError(thrown).message;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    } while (clock.nowNs() < deadlineNs);
    return why;
  }

  #append(what: string): void {
    const { proof } = this.#receipt;
    this.#receipt = { ...this.#receipt, proof: `${proof}; ${what}` };
  }

  #now(): Ns {
    return this.#timing.clock.nowNs() - this.#timing.epochNs;
  }

  #instant(sight: Sight): Ns {
    return sight.atNs === undefined ? this.#now() : sight.atNs - this.#timing.epochNs;
  }
}
