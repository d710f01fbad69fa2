/**
 * What is known of a run while it goes on, gathered from what it tells.
 *
 * @module
 */
import { isMomentary, type FaultReceipt } from '../model/fault.js';
import { formatFault, formatScheduledFault } from '../model/fault-text.js';
import { formatThings } from '../model/figure-text.js';
import type { IntervalReport, LateStarts, MasterVitals, WatchedReport, WitnessedSoFar } from '../model/interval.js';
import { keyed } from '../model/keyed.js';
import { OPERATION_STATUSES, type OperationStatus } from '../model/operation.js';
import type { InFlight } from '../model/result.js';
import { masterCount, type Scenario } from '../model/scenario.js';
import { msToNs, msToS, nsToMs, type Ns } from '../model/time.js';
import { describeKeys, describeLoadShortly } from '../report/describe.js';
import { nameFault } from '../report/fault-words.js';

/** So many seconds are kept, and shown where there is room. */
export const MOST_SHOWN_SECONDS = 120;

/** One second of the measured window. */
export interface LiveSecond {
  readonly ratePerSecond: number;
  /** Null where nothing was acquired. */
  readonly response: { readonly p50Ns: Ns; readonly p99Ns: Ns; readonly maxNs: Ns } | null;
  /** Operations that ended without a lock. */
  readonly missedPerSecond: number;
  /** A fault was on. */
  readonly isFaulty: boolean;
}

export interface LiveMaster {
  /** From 1. */
  readonly number: number;
  /** Of the last second; null where it answered nothing. */
  readonly roundTripP50Ns: Ns | null;
  readonly roundTripP99Ns: Ns | null;
  /** Since the window began. */
  readonly timeouts: number;
  readonly errors: number;
  /** Some came in the last second. */
  readonly isTroubled: boolean;
  readonly vitals: MasterVitals | undefined;
}

/** What the event loops of the generator did in the last second. */
export interface LiveGenerator {
  readonly busiestLoop: number | null;
  readonly lateStarts: LateStarts;
  readonly isOpenLoop: boolean;
}

export interface ActiveFault {
  readonly name: string;
  readonly sinceMs: number;
  /** Its effect was seen, or looked for; before, its time has come. */
  readonly isInjected: boolean;
}

/** Everything that a live view shows, at one instant. */
export interface LiveState {
  readonly title: string;
  /** Lock, masters, load and keys. */
  readonly subject: string;
  /** Where this run stands in a command of many. */
  readonly whole: string | undefined;
  readonly phase: string;
  /** Since the load began; undefined before. */
  readonly loadedMs: number | undefined;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** The last ones. */
  readonly seconds: readonly LiveSecond[];
  readonly counts: Readonly<Record<OperationStatus, number>>;
  readonly inFlight: InFlight | null;
  readonly generator: LiveGenerator | undefined;
  readonly masters: readonly LiveMaster[];
  readonly activeFaults: readonly ActiveFault[];
  readonly nextFault: { readonly name: string; readonly inMs: number } | undefined;
  readonly witnessed: WitnessedSoFar | undefined;
}

export interface LivePlan {
  readonly title: string;
  readonly whole: string | undefined;
  readonly scenario: Scenario;
}

interface FaultSpan {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Gathers. Its instants are the caller's. */
export class LiveRun {
  readonly #plan: LivePlan;
  #phase = '';
  #windowStartNs: Ns | undefined;
  readonly #seconds: (Omit<LiveSecond, 'isFaulty'> & { atMs: number; lengthMs: number })[] = [];
  readonly #counts = keyed(OPERATION_STATUSES, () => 0);
  readonly #masters: { timeouts: number; errors: number; vitals: MasterVitals | undefined }[];
  readonly #faults = new Map<string, FaultSpan>();
  /** Planned faults that were not injected. */
  readonly #notRun = new Set<string>();
  #last: { readonly report: IntervalReport; readonly watched: WatchedReport } | undefined;

  constructor(plan: LivePlan) {
    this.#plan = plan;
    this.#masters = Array.from({ length: masterCount(plan.scenario) }, () => ({
      timeouts: 0,
      errors: 0,
      vitals: undefined,
    }));
  }

  phase(description: string): void {
    this.#phase = description;
  }

  loaded(barrierNs: Ns): void {
    this.#phase = '';
    this.#windowStartNs = barrierNs + msToNs(this.#plan.scenario.warmupMs);
  }

  interval(report: IntervalReport, watched: WatchedReport): void {
    const { point, histograms } = report;
    const { counts, ratePerSecond, responseP50Ns: p50Ns, responseP99Ns: p99Ns } = point;
    const isEmpty = histograms['acquire.response'].count === 0;
    const missed = OPERATION_STATUSES.reduce((sum, each) => sum + (each === 'acquired' ? 0 : counts[each]), 0);
    const response = isEmpty ? null : { p50Ns, p99Ns, maxNs: watched.responseMaxNs };
    const { atMs, lengthMs } = point;
    const missedPerSecond = lengthMs === 0 ? 0 : missed / msToS(lengthMs);
    this.#seconds.push({ atMs, lengthMs, ratePerSecond, response, missedPerSecond });
    if (this.#seconds.length > MOST_SHOWN_SECONDS) this.#seconds.shift();
    for (const status of OPERATION_STATUSES) this.#counts[status] += counts[status];
    watched.masters.forEach(({ timeouts, errors }, index) => {
      const master = this.#masters[index];
      if (master === undefined) return;
      master.timeouts += timeouts;
      master.errors += errors;
    });
    this.#last = { report, watched };
  }

  vitals(master: number, vitals: MasterVitals): void {
    const known = this.#masters[master];
    if (known !== undefined) known.vitals = vitals;
  }

  /** A receipt comes when a fault was injected, and again when it was healed. */
  fault(receipt: FaultReceipt, nowNs: Ns): void {
    const { fault, kind, appliedNs, healedNs, status } = receipt;
    if (status === 'not-run') {
      this.#notRun.add(fault);
      return;
    }
    const isSecond = this.#faults.has(fault);
    const endNs = healedNs ?? (isSecond ? nowNs - (this.#windowStartNs ?? nowNs) : Infinity);
    this.#faults.set(fault, {
      name: nameFault(receipt),
      fromMs: nsToMs(appliedNs),
      untilMs: isMomentary(kind) ? nsToMs(appliedNs) : nsToMs(endNs),
    });
  }

  /** @param isStopped nothing that was planned happens any more */
  view(nowNs: Ns, isStopped = false): LiveState {
    const { scenario, title, whole } = this.#plan;
    const { warmupMs, durationMs } = scenario;
    const inWindowMs = this.#windowStartNs === undefined ? undefined : nsToMs(nowNs - this.#windowStartNs);
    const spans = [...this.#faults.values()];
    const watched = this.#last?.watched;
    return {
      title,
      subject: describeSubject(scenario),
      whole,
      phase: this.#phase,
      loadedMs: inWindowMs === undefined ? undefined : Math.max(0, inWindowMs + warmupMs),
      warmupMs,
      durationMs,
      seconds: this.#seconds.map(({ atMs, lengthMs, ...second }) => ({
        ...second,
        isFaulty: spans.some(({ fromMs, untilMs }) => fromMs < atMs + lengthMs && untilMs >= atMs),
      })),
      counts: { ...this.#counts },
      inFlight: watched?.inFlight ?? null,
      generator:
        watched === undefined
          ? undefined
          : {
              busiestLoop: watched.busiestLoop,
              lateStarts: watched.lateStarts,
              isOpenLoop: scenario.ratePerSecond !== undefined,
            },
      masters: this.#viewMasters(),
      activeFaults:
        inWindowMs === undefined
          ? []
          : [
              ...spans
                .filter(({ untilMs }) => untilMs > inWindowMs)
                .map(({ name, fromMs }) => ({ name, sinceMs: Math.max(0, inWindowMs - fromMs), isInjected: true })),
              ...(isStopped ? [] : this.#findDue(inWindowMs)),
            ],
      nextFault: isStopped ? undefined : this.#findNext(inWindowMs),
      witnessed: watched?.witnessed,
    };
  }

  #viewMasters(): LiveMaster[] {
    const { report, watched } = this.#last ?? {};
    return this.#masters.map((master, index) => {
      const second = watched?.masters[index];
      return {
        ...master,
        number: index + 1,
        roundTripP50Ns: report?.point.roundTripP50Ns[index] ?? null,
        roundTripP99Ns: report?.point.roundTripP99Ns[index] ?? null,
        isTroubled: second !== undefined && second.timeouts + second.errors > 0,
      };
    });
  }

  /** Those whose time has come and of which nothing was told yet: to see an effect may take seconds. */
  #findDue(inWindowMs: number): ActiveFault[] {
    return this.#plan.scenario.faults
      .map((scheduled) => ({ scheduled, text: formatScheduledFault(scheduled) }))
      .filter(({ scheduled: { atMs }, text }) => {
        return atMs <= inWindowMs && !this.#faults.has(text) && !this.#notRun.has(text);
      })
      .map(({ scheduled: { fault, atMs } }) => {
        return { name: formatFault(fault), sinceMs: inWindowMs - atMs, isInjected: false };
      });
  }

  #findNext(inWindowMs: number | undefined): LiveState['nextFault'] {
    const ahead = this.#plan.scenario.faults
      .filter(({ atMs }) => inWindowMs !== undefined && atMs > inWindowMs)
      .sort((a, b) => a.atMs - b.atMs);
    const [next] = ahead;
    return next === undefined ? undefined : { name: formatFault(next.fault), inMs: next.atMs - (inWindowMs ?? 0) };
  }
}

function describeSubject(scenario: Scenario): string {
  return [
    scenario.lock,
    formatThings(masterCount(scenario), 'master'),
    describeLoadShortly(scenario),
    describeKeys(scenario.keys),
  ].join(', ');
}
