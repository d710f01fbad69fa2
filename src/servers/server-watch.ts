/**
 * The masters' own account of a run: INFO before, after and every second.
 *
 * @module
 */
import type { MasterVitals } from '../model/interval.js';
import { nsToS, systemClock, type Ns } from '../model/time.js';
import type { ServerSample } from './telemetry.js';
import type { Master } from './topology.js';

const PERIOD_MS = 1_000;

/** What one master reported over a run. */
export interface ServerAccount {
  /** User + system CPU of the server process since the mark; 0 when it could not be asked. */
  readonly cpuSeconds: number;
  /** Calls per command since the watch began. */
  readonly commands: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: number;
  readonly reachableAtEnd: boolean;
}

/** Samples all masters of a run. */
export class ServerWatch {
  readonly #masters: readonly Master[];
  readonly #first: (ServerSample | undefined)[];
  readonly #marked: (ServerSample | undefined)[];
  readonly #peakMemoryBytes: number[];
  readonly #lives: readonly Lives[];
  readonly #timer: NodeJS.Timeout;
  readonly #pulses: readonly Pulse[];
  readonly #onVitals: OnVitals;

  private constructor(masters: readonly Master[], first: (ServerSample | undefined)[], onVitals: OnVitals) {
    this.#masters = masters;
    this.#onVitals = onVitals;
    this.#pulses = first.map((sample) => new Pulse(sample, systemClock.nowNs()));
    this.#first = first;
    this.#marked = [...first];
    this.#peakMemoryBytes = first.map((sample) => sample?.usedMemoryBytes ?? 0);
    this.#lives = first.map((sample) => new Lives(sample));
    this.#timer = setInterval(() => void this.#sample(), PERIOD_MS);
  }

  /**
   * Takes the first samples and begins to watch.
   *
   * @param onVitals hears of each answer, or that there was none, as soon as it is known
   */
  static async begin(masters: readonly Master[], onVitals: OnVitals = () => undefined): Promise<ServerWatch> {
    return new ServerWatch(masters, await Promise.all(masters.map((master) => master.sample())), onVitals);
  }

  /** CPU counts from here: the beginning of the measured window. */
  async mark(): Promise<void> {
    const samples = await this.#sample();
    samples.forEach((sample, index) => {
      if (sample !== undefined) this.#marked[index] = sample;
    });
  }

  /** Takes the last samples and gives each master's account, in order. */
  async end(): Promise<readonly ServerAccount[]> {
    clearInterval(this.#timer);
    const last = await this.#sample();
    return last.map((sample, index) => {
      const before = this.#marked[index];
      return {
        cpuSeconds: sample === undefined || before === undefined ? 0 : sample.cpuSeconds - before.cpuSeconds,
        commands: sample === undefined ? {} : callsSince(this.#first[index], sample),
        peakMemoryBytes: this.#peakMemoryBytes[index] ?? 0,
        reachableAtEnd: sample !== undefined,
      };
    });
  }

  /** Stops watching without a last sample. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #sample(): Promise<(ServerSample | undefined)[]> {
    const fresh = await Promise.all(
      this.#masters.map(async (master, index) => {
        const sample = await master.sample();
        const vitals = this.#pulses[index]?.feel(sample, systemClock.nowNs());
        if (vitals !== undefined) this.#onVitals(index, vitals);
        return sample;
      }),
    );
    const samples = fresh.map((sample, index) => this.#lives[index]?.carryOn(sample));
    samples.forEach((sample, index) => {
      this.#peakMemoryBytes[index] = Math.max(this.#peakMemoryBytes[index] ?? 0, sample?.usedMemoryBytes ?? 0);
    });
    return samples;
  }
}

type OnVitals = (master: number, vitals: MasterVitals) => void;

/** Two samples closer than this tell nothing: a server counts its CPU in steps. */
const LEAST_PULSE_S = 0.5;

/** How a master is from one answer to the next. */
class Pulse {
  #last: ServerSample | undefined;
  #lastNs: Ns;

  constructor(first: ServerSample | undefined, atNs: Ns) {
    this.#last = first;
    this.#lastNs = atNs;
  }

  /** @returns undefined where the last answer is too recent to tell anything new; the first after a silence always tells */
  feel(sample: ServerSample | undefined, atNs: Ns): MasterVitals | undefined {
    const seconds = nsToS(atNs - this.#lastNs);
    const last = this.#last;
    if (sample !== undefined && last !== undefined && seconds < LEAST_PULSE_S) return undefined;
    this.#last = sample;
    this.#lastNs = atNs;
    if (sample === undefined) return { isReachable: false, cpuShare: null, commandsPerSecond: null };
    // A server that was started anew counts from 0 again.
    const usedS = last === undefined ? -1 : sample.cpuSeconds - last.cpuSeconds;
    return {
      isReachable: true,
      cpuShare: usedS < 0 ? null : usedS / seconds,
      commandsPerSecond: sample.opsPerSecond,
    };
  }
}

/** Counts on over the restarts of a server, which begins each of its lives at 0. What it did between its last sample and its end is lost. */
class Lives {
  #last: ServerSample | undefined;
  #before = { cpuSeconds: 0, commands: {} as Readonly<Record<string, number>> };

  constructor(first: ServerSample | undefined) {
    this.#last = first;
  }

  /** @returns the sample with everything that the lives before had counted */
  carryOn(sample: ServerSample | undefined): ServerSample | undefined {
    if (sample === undefined) return undefined;
    if (this.#last !== undefined && isFewer(sample, this.#last)) this.#before = add(this.#before, this.#last);
    this.#last = sample;
    return { ...sample, ...add(this.#before, sample) };
  }
}

function isFewer(sample: ServerSample, last: ServerSample): boolean {
  const hasForgotten = Object.entries(last.commands).some(
    ([command, calls]) => (sample.commands[command] ?? 0) < calls,
  );
  return hasForgotten || sample.cpuSeconds < last.cpuSeconds;
}

type Work = Pick<ServerSample, 'cpuSeconds' | 'commands'>;

function add(a: Work, b: Work): Work {
  const commands = { ...a.commands };
  for (const [command, calls] of Object.entries(b.commands)) commands[command] = (commands[command] ?? 0) + calls;
  return { cpuSeconds: a.cpuSeconds + b.cpuSeconds, commands };
}

function callsSince(first: ServerSample | undefined, last: ServerSample): Record<string, number> {
  return Object.fromEntries(
    Object.entries(last.commands)
      .map(([command, calls]) => [command, calls - (first?.commands[command] ?? 0)] as const)
      .filter(([, calls]) => calls > 0),
  );
}
