/**
 * The words of a search for capacity: the answer, its steps, its objectives, wherever they stand.
 *
 * @module
 */
import type {
  CapacityReport,
  CapacityStep,
  Estimate,
  KeyCeiling,
  Percentiles,
  Scaling,
  ScalingFit,
  StepPurpose,
  StepVerdict,
} from '../model/capacity.js';
import { formatAmount, formatRate, formatShare, formatThings } from '../model/figure-text.js';
import { formatNs, nsToMs, parseDurationMs, type Ns } from '../model/time.js';
import { scenarioClauses } from './describe.js';
import { formatPercent } from './effect-words.js';
import { isSupported, NONE } from './figures.js';
import type { Emphasis } from './style.js';
import type { Tone } from './verdicts.js';

/** How loudly the verdict of a step is shown; missing the SLO is what a search is for, so it alarms nobody. */
export const STEP_EMPHASIS: Readonly<Record<StepVerdict, Emphasis>> = {
  met: 'good',
  missed: 'warning',
  invalid: 'faint',
  unsettled: 'faint',
};

/** What the verdicts mean, for legends. */
export const STEP_MEANINGS: Readonly<Record<StepVerdict, string>> = {
  met: 'valid, settled, and within the SLO',
  missed: 'valid, and beyond the SLO, or with waits that grow without end',
  invalid: 'shaped by the generator, by other processes or by a rule without data, so it says nothing of the masters',
  unsettled: 'still drifting: discarded, and run again for longer',
};

/** In the width of a column. */
export const SHORT_PURPOSES: Readonly<Record<StepPurpose, string>> = {
  growth: 'grow',
  bisection: 'bisect',
  confirmation: 'confirm',
};

/** The answer in the width of a heading. */
export function describeAnswer({ answer }: CapacityReport): string {
  switch (answer.kind) {
    case 'bracket':
      return `${formatRate(answer.meetsPerSecond)} to ${formatRate(answer.missesPerSecond)}`;
    case 'at-least':
      return `≥ ${formatRate(answer.meetsPerSecond)}${LIMIT_WORDS[answer.limit]}`;
    case 'below':
      return `below ${formatRate(answer.missesPerSecond)}`;
    case 'unknown':
      return 'unknown';
  }
}

const LIMIT_WORDS = {
  generator: ', generator-bound',
  others: ', held up by other processes',
  'held-up': ', held up',
  'no-data': ', with no data beyond',
  'highest-rate': ', the highest rate that was allowed',
  interrupted: ', interrupted',
} as const;

/** How often the ends of the answer were repeated with the same result; nothing where nothing was repeated. */
export function describeConfirmations({ answer }: CapacityReport): string | undefined {
  if (answer.kind === 'bracket') {
    const { meets, misses } = answer.confirmed;
    if (meets.of + misses.of === 0) return 'not confirmed: neither end was repeated';
    return `met in ${String(meets.agreed)} of ${formatThings(meets.of, 'repetition')} at the lower end, missed in ${String(misses.agreed)} of ${String(misses.of)} at the upper end`;
  }
  if (answer.kind !== 'at-least') return undefined;
  const { agreed, of } = answer.confirmed.meets;
  if (of === 0) return 'not confirmed: it was not repeated';
  return `met in ${String(agreed)} of ${formatThings(of, 'repetition')}`;
}

/** Why there is no answer; nothing where there is one, or where the statements say it. */
export function describeNoAnswer({ answer, statements }: CapacityReport): string | undefined {
  if (answer.kind !== 'unknown') return undefined;
  const { reason } = answer;
  return statements.some((statement) => statement.includes(reason)) ? undefined : reason;
}

/** How loudly a report is shown: an answer is good, a bound or a doubt a warning, a broken lock bad. */
export function toneOfCapacity({ violations, answer, warnings, status }: CapacityReport): Tone {
  if (violations.length > 0) return 'bad';
  return answer.kind !== 'bracket' || warnings.length > 0 || status !== 'complete' ? 'warning' : 'good';
}

/** How it was searched: steps, precision, SLO, lock, and the scenario without its rate, which is what was sought. */
export function describeSearch(report: CapacityReport): string {
  const { steps, precision, slo, scenario, lock, isUnsafe, flaw, status, seed } = report;
  const measured = { name: lock, version: null, isUnsafe, flaw };
  const clauses = scenarioClauses({ scenario, lock: measured }).filter(
    (clause) => !/^(open|closed) loop of |^lock |^seed /.test(clause) && !clause.includes(' of warm-up'),
  );
  return [
    `${formatThings(steps.length, 'step')}${status === 'complete' ? '' : `, ${status}`}`,
    `to ${formatPercent(precision)}`,
    `SLO ${slo.join(' and ')}`,
    `lock ${lock}${isUnsafe ? ' (unsafe)' : ''}`,
    ...clauses,
    `open loop (${scenario.arrivals})`,
    `seed ${String(seed)}`,
  ].join(' · ');
}

/** Who broke mutual exclusion, for the titles of charts; empty when nobody did. */
export function capacityAlarm({ steps, lock, isUnsafe, violations }: CapacityReport): string {
  const isViolated = violations.length > 0 || steps.some((step) => step.safety === 'violation');
  return isViolated ? `mutual exclusion violated by ${lock}${isUnsafe ? ' (unsafe)' : ''}` : '';
}

/** Of which times a curve can be drawn. */
const QUANTILES = {
  p50: { share: 0.5, of: (times: Percentiles): Ns => times.p50Ns },
  p90: { share: 0.9, of: (times: Percentiles): Ns => times.p90Ns },
  p99: { share: 0.99, of: (times: Percentiles): Ns => times.p99Ns },
  'p99.9': { share: 0.999, of: (times: Percentiles): Ns => times.p999Ns },
  max: { share: 0, of: (times: Percentiles): Ns => times.maxNs },
} as const;

export type QuantileName = keyof typeof QUANTILES;

/** A percentile of a step's times in milliseconds; null where too little was acquired to state it. */
export function quantileMs(times: Percentiles, name: QuantileName): number | null {
  const { share, of } = QUANTILES[name];
  return isSupported(share, times.count) ? nsToMs(of(times)) : null;
}

/** A latency that the SLO limits. */
export interface LatencyLimit {
  readonly of: 'response' | 'service';
  readonly quantile: QuantileName;
  readonly limitMs: number;
  /** `p99 response < 10ms`. */
  readonly label: string;
}

const LIMIT = /^\s*acquire\.(response|service)\s*:\s*(?:p\((\d+(?:\.\d+)?)\)|(max))\s*(<=?)\s*(\S+)\s*$/;

/** The upper limits of the SLO on percentiles that every step carries; others cannot be drawn beside them. */
export function latencyLimits({ slo }: Pick<CapacityReport, 'slo'>): LatencyLimit[] {
  return slo.flatMap((expression) => {
    const [, of, percentile, max, sign, text] = LIMIT.exec(expression) ?? [];
    const limitMs = parseDurationMs(text ?? '');
    const quantile = max ?? `p${String(Number(percentile))}`;
    if (limitMs === undefined || (of !== 'response' && of !== 'service') || !isQuantile(quantile)) return [];
    return [{ of, quantile, limitMs, label: `${quantile} ${of} ${sign ?? '<'} ${text ?? ''}` }];
  });
}

function isQuantile(name: string): name is QuantileName {
  return Object.hasOwn(QUANTILES, name);
}

/** The master whose CPU was busiest: `2: 97 %`; nothing where no master could be asked. */
export function describeBusiest({ masterCpu }: Pick<CapacityStep, 'masterCpu'>): string {
  const known = masterCpu.flatMap((share, index) => (share === null ? [] : [{ share, place: index + 1 }]));
  const busiest = known.reduce<(typeof known)[number] | undefined>(
    (most, each) => (most === undefined || each.share > most.share ? each : most),
    undefined,
  );
  if (busiest === undefined) return NONE;
  const name = masterCpu.length === 1 ? '' : `${String(busiest.place)}: `;
  return `${name}${formatCpu(busiest.share)}`;
}

/** Writes a share of a core; beyond one core it is not cut off at 100 %. */
export function formatCpu(share: number): string {
  return share > 1 ? `${String(Math.round(share * 100))} %` : formatShare(Number(share.toFixed(3)));
}

/** `2 workers, wire`, as far as a step differs from the one before it; the first differs from nothing. */
export function describeChange(step: CapacityStep, previous: CapacityStep | undefined): string | undefined {
  if (previous === undefined) return undefined;
  const changes = [
    ...(step.workers === previous.workers ? [] : [formatThings(step.workers, 'worker')]),
    ...(step.transport === previous.transport ? [] : [step.transport]),
  ];
  return changes.length === 0 ? undefined : changes.join(', ');
}

/** What stands beside the answer, name by name; without what the statements say already. */
export function capacityFacts(report: CapacityReport): (readonly [string, string])[] {
  const { bottleneck, headroom, keyCeiling, knee, littleDeviation, scaling, statements, warnings, escalations } =
    report;
  const isUntold = (text: string): boolean => ![...statements, ...warnings].some((told) => told.includes(text));
  const untold = (name: string, text: string | undefined): (readonly [string, string])[] =>
    text === undefined || !isUntold(text) ? [] : [[name, text]];
  return [
    ...untold('limited by', bottleneck.explanation),
    ...bottleneck.alsoAtLimit.flatMap((text) => untold('and by', text)),
    ...bottleneck.ruledOut.map((text, index) => [index === 0 ? 'ruled out' : '', text] as const),
    ...untold('headroom', headroom?.sentence),
    ...(knee === null
      ? []
      : [['knee', `${formatRate(knee.ratePerSecond)}, p50 response ${formatNs(knee.responseP50Ns)}`] as const]),
    ...(keyCeiling === null ? [] : [['key', describeKeyCeiling(keyCeiling)] as const]),
    ...(scaling === null
      ? []
      : describeScaling(scaling).map((text, index) => [index === 0 ? 'scaling' : '', text] as const)),
    ...(littleDeviation === null
      ? []
      : [
          [
            'self-check',
            `Little's law: operations under way, counted against rate × time, differ by at most ${formatShare(littleDeviation)}`,
          ] as const,
        ]),
    ...escalations.filter(isUntold).map((text, index) => [index === 0 ? 'changed' : '', text] as const),
  ];
}

function describeKeyCeiling(ceiling: KeyCeiling): string {
  const { acquireNs, holdNs, releaseNs, handoffNs, predictedPerSecond, measuredPerSecond, keyShare } = ceiling;
  const parts = `acquire ${formatNs(acquireNs)}, hold ${formatNs(holdNs)}, release ${formatNs(releaseNs)}, handoff ${formatNs(handoffNs)}`;
  const wanted = keyShare === 1 ? 'every operation wants it' : `${formatShare(keyShare)} of the operations want it`;
  const how = keyShare === 1 ? 'measured' : 'computed from its share';
  const measured = measuredPerSecond === null ? '' : `; ${how}: ${formatRate(measuredPerSecond)}`;
  return `one key changes hands at most ${formatRate(predictedPerSecond)} (${parts})${measured}; ${wanted}`;
}

function describeScaling({ fit, refusal, points }: Scaling): string[] {
  const most = points.reduce<Scaling['points'][number] | undefined>(
    (best, point) => (best === undefined || point.ratePerSecond > best.ratePerSecond ? point : best),
    undefined,
  );
  const measured =
    most === undefined
      ? []
      : [`most measured: ${formatRate(most.ratePerSecond)} with ${formatThings(most.clients, 'client')}`];
  return [...(fit === null ? [] : [describeFit(fit)]), ...(refusal === null ? [] : [refusal]), ...measured];
}

/** The law with its intervals, in one sentence. */
export function describeFit({ lambda, sigma, kappa, peak, r2 }: ScalingFit): string {
  const whole = (value: number): string => formatAmount(Math.round(value));
  const small = (value: number): string => String(Number(value.toPrecision(2)));
  const interval = ({ value, low, high }: Estimate, write: (value: number) => string): string =>
    `${write(value)} [${write(low)}, ${write(high)}]`;
  return [
    `one client λ ${interval(lambda, whole)}/s`,
    `contention σ ${interval(sigma, small)}`,
    `coherency κ ${interval(kappa, small)}`,
    ...(peak === null
      ? []
      : [`peak ${interval(peak.ratePerSecond, whole)}/s at ${interval(peak.clients, whole)} clients`]),
    `R² ${r2.toFixed(3)}; 95 % intervals`,
  ].join(', ');
}
