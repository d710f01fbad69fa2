/**
 * The nemesis: injects the faults of a run when their time has come, and leaves none behind.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import type { FaultReceipt, ScheduledFault } from '../model/fault.js';
import { areOnOneTarget } from '../model/fault-schedule.js';
import { formatScheduledFault, nameTarget } from '../model/fault-text.js';
import { msToNs, nsToMs, type Clock, type Ns } from '../model/time.js';
import { inject, notRun, type Act, type FaultLabel, type Injection } from './injection.js';

/** What the nemesis needs of a run. */
export interface NemesisParts {
  readonly clock: Clock;
  /** The start of the measured window, from which the faults and their receipts count. */
  readonly epochNs: Ns;
  /** How a fault is done and seen; an error is one receipt more that says `not-run`. */
  readonly actOf: (scheduled: ScheduledFault) => Act;
  /** Hears of every receipt twice: when the effect was looked for, and when the end was. */
  readonly onReceipt: (receipt: FaultReceipt) => void;
}

/** One fault of the schedule, on its way. */
interface Course {
  readonly scheduled: ScheduledFault;
  readonly label: FaultLabel;
  /** What comes next, be it the injection or the heal. */
  timer: NodeJS.Timeout | undefined;
  begun: Promise<Injection> | undefined;
  ended: Promise<void> | undefined;
  receipt: FaultReceipt | undefined;
}

/** What proves an effect must not take longer than the effect. */
const LONGEST_PROOF_MS = 2_000;

/** All faults of one run. Disposing ends them. */
export class Nemesis implements AsyncDisposable {
  readonly #parts: NemesisParts;
  readonly #courses: readonly Course[];
  /** In the order of their injection. */
  readonly #begun: Course[] = [];
  #isOver = false;
  #end: Promise<readonly FaultReceipt[]> | undefined;

  /** Arms every fault; times that have passed already are due at once. */
  constructor(faults: readonly ScheduledFault[], parts: NemesisParts) {
    this.#parts = parts;
    // Stable: of two faults at one time the one that was named first comes first.
    const inOrder = [...faults].sort((a, b) => a.atMs - b.atMs);
    this.#courses = inOrder.map((scheduled) => {
      const label = {
        text: formatScheduledFault(scheduled),
        kind: scheduled.fault.kind,
        target: nameTarget(scheduled.fault),
      };
      return { scheduled, label, timer: undefined, begun: undefined, ended: undefined, receipt: undefined };
    });
    for (const course of this.#courses) this.#at(course, course.scheduled.atMs, () => void this.#begin(course));
  }

  /**
   * Injects nothing more, heals what is still on, the last injected first, and gives all receipts in the order of their
   * beginning. One heal that fails keeps no other from being tried. A second call waits for the first.
   */
  end(): Promise<readonly FaultReceipt[]> {
    this.#end ??= this.#healAll();
    return this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #healAll(): Promise<readonly FaultReceipt[]> {
    this.#isOver = true;
    for (const { timer } of this.#courses) clearTimeout(timer);
    for (const course of this.#begun.reverse()) await this.#finish(course);
    return this.#courses.map(
      ({ receipt, label, scheduled }) =>
        receipt ?? notRun(label, msToNs(scheduled.atMs), 'the run ended before its time came'),
    );
  }

  async #begin(course: Course): Promise<void> {
    if (this.#isOver) return;
    // A fault that should be over by now makes way first, however long its end takes.
    const earlier = this.#begun.filter(({ scheduled }) => areOnOneTarget(scheduled.fault, course.scheduled.fault));
    this.#begun.push(course);
    course.begun = this.#inject(course, earlier);
    await course.begun.catch(() => undefined);
    // Stopped meanwhile: whoever stopped it waits for this injection, and heals it.
    if (this.#end !== undefined) return;
    const { atMs, forMs = 0 } = course.scheduled;
    this.#at(course, atMs + forMs, () => void this.#finish(course));
  }

  async #inject(course: Course, earlier: readonly Course[]): Promise<Injection> {
    await Promise.all(earlier.map((each) => this.#finish(each)));
    const { clock, epochNs, actOf } = this.#parts;
    const { scheduled, label } = course;
    const beganNs = clock.nowNs() - epochNs;
    try {
      if (this.#isOver) throw new Error('the run ended before its time came');
      const proofMs = Math.min(LONGEST_PROOF_MS, scheduled.forMs ?? LONGEST_PROOF_MS);
      const injection = await inject(actOf(scheduled), label, { clock, epochNs, proofMs });
      this.#note(course, injection.receipt);
      return injection;
    } catch (thrown) {
      this.#note(course, notRun(label, beganNs, toError(thrown).message));
      throw thrown;
    }
  }

  /** Ends a fault that has begun; never rejects, and does it once. */
  #finish(course: Course): Promise<void> {
    clearTimeout(course.timer);
    course.ended ??= (async () => {
      const injection = await course.begun?.catch(() => undefined);
      if (injection === undefined) return;
      const before = injection.receipt;
      const receipt = await injection.heal();
      if (receipt !== before) this.#note(course, receipt);
    })();
    return course.ended;
  }

  #note(course: Course, receipt: FaultReceipt): void {
    course.receipt = receipt;
    this.#parts.onReceipt(receipt);
  }

  #at(course: Course, offsetMs: number, act: () => void): void {
    const { clock, epochNs } = this.#parts;
    const leftMs = nsToMs(epochNs + msToNs(offsetMs) - clock.nowNs());
    course.timer = setTimeout(act, Math.max(0, leftMs));
  }
}
