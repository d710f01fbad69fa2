/**
 * A search for capacity in plain words: what was found, what limits it, what to do, and what to know before believing it.
 *
 * @module
 */
import type { Agreement, CapacityReport, Headroom } from '../model/capacity.js';
import { formatAmount, formatRate, roughPercent } from '../model/figure-text.js';
import { masterCount } from '../model/scenario.js';
import { formatNs, msToS } from '../model/time.js';
import { leastSamples } from './capacity-samples.js';
import { LEAST_SECONDS_OF_TREND } from './capacity-verdict.js';

/** A report without its words. */
export type FoundCapacity = Omit<CapacityReport, 'statements' | 'warnings' | 'exitCode' | 'headroom'>;

/**
 * Broken mutual exclusion in one sentence; undefined where none was seen.
 *
 * @param where such as `step 7, at 1,600/s`
 */
export function stateViolation(where: string, contractCount: number): string | undefined {
  if (contractCount === 0) return undefined;
  const overlaps = `${String(contractCount)} overlap${contractCount === 1 ? '' : 's'}`;
  return `Mutual exclusion was violated in ${where}: ${overlaps} within a promised validity. These are not the figures of a lock.`;
}

/** The answer, what limits it and what to do; one sentence each. */
export function stateCapacity(found: FoundCapacity, headroom: Headroom | null): string[] {
  return [
    stateAnswer(found),
    ...stateLimit(found),
    ...advise(found),
    ...stateKnee(found),
    ...stateKey(found),
    ...stateScaling(found),
    ...(headroom === null ? [] : [headroom.sentence]),
    'All of this is about these masters under this load on this machine; it says nothing about other machines or other loads.',
  ];
}

function stateAnswer(found: FoundCapacity): string {
  const { answer, slo } = found;
  const serve = nameMasters(found);
  const goal = slo.join(' and ');
  switch (answer.kind) {
    case 'bracket': {
      const { meets, misses } = answer.confirmed;
      const span = `${serve} ${formatAmount(answer.meetsPerSecond)} to ${formatAmount(answer.missesPerSecond)} operations/s at ${goal}${sayAcquired(found)}`;
      if (meets.of + misses.of === 0) return `${span}; the search ended before this was narrowed down or confirmed.`;
      if (meets.agreed === meets.of && misses.agreed === misses.of && meets.of === misses.of)
        return `${span}, confirmed by ${String(meets.agreed)} of ${String(meets.of)} runs at either end.`;
      return `${span}; ${String(meets.agreed)} of ${String(meets.of)} confirming runs met it at the lower end, and ${String(misses.agreed)} of ${String(misses.of)} missed it at the upper.`;
    }
    case 'at-least':
      return `${serve} at least ${formatAmount(answer.meetsPerSecond)} operations/s at ${goal}${sayAcquired(found)}${sayConfirmed(answer.confirmed.meets)}; ${LIMITS[answer.limit]}.`;
    case 'below': {
      const untried = answer.evidence === null ? '' : ` Lower rates could not be tried: ${answer.evidence}.`;
      return `${serve} less than ${formatAmount(answer.missesPerSecond)} operations/s at ${goal}: ${whyMissed(found, answer.missesPerSecond)}.${untried}`;
    }
    case 'unknown':
      return `How many operations a second ${serve.replace(/^These/, 'these').replace(/^This/, 'this')} at ${goal} cannot be told from this data. ${answer.reason}`;
  }
}

const LIMITS = {
  generator: 'the load generator was the limit, not the masters',
  others: 'other processes of this machine were the limit, neither the masters nor the generator',
  'held-up': 'something that this run cannot see held the load generator up beyond it, not the masters',
  'no-data': 'beyond it the SLO had nothing to be measured on',
  'highest-rate': 'nothing beyond it was tried',
  interrupted: 'the search was not finished',
};

function sayConfirmed(meets: Agreement): string {
  const { agreed, of } = meets;
  if (of === 0) return ', not confirmed';
  return isMajority(meets)
    ? `, confirmed by ${String(agreed)} of ${String(of)} runs`
    : `, not confirmed: ${String(agreed)} of ${String(of)} confirming runs met it`;
}

function isMajority({ agreed, of }: Agreement): boolean {
  return agreed * 2 > of;
}

/** Rates are offered ones; a share below this is worth a word. */
const USUAL_SHARE = 0.999;

/** Of what was offered at the lower end, what was acquired; undefined without such an end. */
function acquiredShare({ answer, steps }: FoundCapacity): number | undefined {
  if (!('meetsPerSecond' in answer)) return undefined;
  const shares = steps
    .filter(({ ratePerSecond, verdict }) => verdict === 'met' && ratePerSecond === answer.meetsPerSecond)
    .map(({ successRatio }) => successRatio);
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function sayAcquired(found: FoundCapacity): string {
  const share = acquiredShare(found);
  return share === undefined || share >= USUAL_SHARE
    ? ''
    : `, of which ${(100 * share).toFixed(1)} % acquired their lock at the lower end`;
}

/** What limits, and what is at its limit beside it. */
function stateLimit({ bottleneck }: FoundCapacity): string[] {
  const { kind, explanation, alsoAtLimit } = bottleneck;
  const limit = kind === 'unknown' ? 'What limits cannot be told from this data' : 'What limits';
  return [`${limit}: ${explanation}`, ...alsoAtLimit.map((sentence) => `Also at its limit: ${sentence}`)];
}

function nameMasters({ scenario }: FoundCapacity): string {
  const masters = masterCount(scenario);
  return masters === 1 ? 'This master serves' : `These ${String(masters)} masters serve`;
}

function whyMissed({ steps }: FoundCapacity, ratePerSecond: number): string {
  const step = steps.findLast((each) => each.verdict === 'missed' && each.ratePerSecond === ratePerSecond);
  return step?.reasons.join('; ') ?? 'it missed there';
}

/** What to do about what limits. */
function advise({ bottleneck, answer }: FoundCapacity): string[] {
  switch (bottleneck.kind) {
    case 'master-cpu':
      return [
        'To serve more: give every master a core of its own, or a faster one, or spread the keys over several groups of masters; more masters in one group add no capacity, because each is asked for every lock.',
      ];
    case 'machine':
    case 'others':
      // Who uses the cores is told with the figures, and what to do about it.
      return [];
    case 'key':
      return [
        'To serve more: hold the key for a shorter time, or lock a finer grain, so that fewer operations want the same key; faster masters help only with the round trips.',
      ];
    case 'round-trip':
      return [
        'To serve more within the SLO: bring the masters closer, or state a limit that leaves room for the round trip.',
      ];
    case 'masters-rate':
      return [
        'The masters were slowed down on purpose: raise --service-rate, or leave it out, to see them as they are.',
      ];
    case 'generator':
      return [
        'To find the limit of the masters: run the load generator on a larger machine, or the masters on another one (--endpoint).',
      ];
    case 'unknown':
      return answer.kind === 'bracket' || answer.kind === 'below'
        ? [
            'To find out: look at the runs that missed (redlock-bench report), or repeat the search with longer steps (--duration).',
          ]
        : [];
  }
}

function stateKnee({ knee }: FoundCapacity): string[] {
  if (knee === null) return [];
  return [
    `Beyond ${formatRate(knee.ratePerSecond)} the median response (${formatNs(knee.responseP50Ns)} there) rises faster than the load: the knee, whatever the SLO.`,
  ];
}

function stateKey({ keyCeiling }: FoundCapacity): string[] {
  if (keyCeiling === null) return [];
  const { predictedPerSecond, measuredPerSecond, keyShare } = keyCeiling;
  const share =
    keyShare === 1
      ? 'One key takes all operations'
      : `The most wanted key takes ${(100 * keyShare).toFixed(keyShare < 0.1 ? 2 : 0)} % of the operations`;
  return [
    `${share}; it can change hands ${formatRate(predictedPerSecond)} by what a hold of it is made of${sayMeasured(measuredPerSecond, keyShare)}.`,
  ];
}

function sayMeasured(perSecond: number | null, keyShare: number): string {
  if (perSecond === null) return '';
  return keyShare === 1
    ? `, and did so up to ${formatRate(perSecond)}`
    : `, and up to ${formatRate(perSecond)} fell to it, computed from its share where the SLO was met`;
}

function stateScaling({ scaling }: FoundCapacity): string[] {
  if (scaling === null) return [];
  if (scaling.fit === null) return [`Scaling with clients: ${scaling.refusal ?? 'not from this data.'}`];
  const { peak, r2 } = scaling.fit;
  if (peak === null) return [`Scaling with clients: ${scaling.refusal ?? 'no peak in this data.'}`];
  const { clients, ratePerSecond } = peak;
  return [
    `With more clients in a closed loop the rate peaks at ${clients.value.toFixed(0)} of them (${clients.low.toFixed(0)} to ${clients.high.toFixed(0)}), ` +
      `at ${formatRate(ratePerSecond.value)}, and falls beyond (the scalability law explains ${(100 * r2).toFixed(0)} % of the variance).`,
  ];
}

/** What is left at the rate that the user expects; null where nobody stated one. */
export function findHeadroom(
  { answer, steps }: Pick<FoundCapacity, 'answer' | 'steps'>,
  expectedPerSecond: number | undefined,
): Headroom | null {
  if (expectedPerSecond === undefined) return null;
  const at = `At the expected ${formatRate(expectedPerSecond)}`;
  const meets = 'meetsPerSecond' in answer ? answer.meetsPerSecond : undefined;
  const misses = lowestMiss(answer, steps);
  const share = meets === undefined ? null : meets / expectedPerSecond - 1;
  if (meets !== undefined && share !== null && share >= 0) {
    const least = answer.kind === 'at-least' ? 'at least ' : '';
    const sentence = `${at} there is ${least}${roughPercent(share)} of headroom up to ${least}${formatRate(meets)}.`;
    return { expectedPerSecond, share, sentence };
  }
  if (misses !== undefined && expectedPerSecond >= misses) {
    const served = meets === undefined ? '' : `, and they serve ${formatRate(meets)} within it`;
    const sentence = `${at} these masters do not suffice: ${formatRate(misses)} missed the SLO${served}.`;
    return { expectedPerSecond, share, sentence };
  }
  const why = whyUntold(meets, misses);
  return { expectedPerSecond, share: null, sentence: `${at} the headroom cannot be told from this data: ${why}.` };
}

function whyUntold(meets: number | undefined, misses: number | undefined): string {
  if (meets === undefined) {
    return misses === undefined
      ? 'no rate was found that met the SLO, or missed it'
      : `${formatRate(misses)} missed the SLO, and no rate below it was found to meet it`;
  }
  return misses === undefined
    ? `${formatRate(meets)} met the SLO, and no rate beyond it could be judged`
    : `it lies between ${formatRate(meets)}, which met the SLO, and ${formatRate(misses)}, which missed it`;
}

/** The lowest rate that is known to miss: of the answer, or, of a lower bound, beyond it. */
function lowestMiss(answer: FoundCapacity['answer'], steps: FoundCapacity['steps']): number | undefined {
  if ('missesPerSecond' in answer) return answer.missesPerSecond;
  const least = 'meetsPerSecond' in answer ? answer.meetsPerSecond : 0;
  const rates = steps
    .filter(({ verdict, ratePerSecond }) => verdict === 'missed' && ratePerSecond > least)
    .map(({ ratePerSecond }) => ratePerSecond);
  return rates.length === 0 ? undefined : Math.min(...rates);
}

/** Counted and computed operations under way may differ by this share. */
const NOTABLE_DEVIATION = 0.05;

/** What to know before believing any of it, one sentence each. */
export function warnOfCapacity(found: FoundCapacity): string[] {
  return [
    ...warnOfLock(found),
    ...found.escalations.map((change) => `the load generator did not keep up: ${change}`),
    ...warnOfSamples(found),
    ...warnOfAgreement(found),
    ...warnOfShare(found),
    ...warnOfShortSteps(found),
    ...warnOfLittle(found),
    ...warnOfScaling(found),
    ...warnOfOthers(found),
  ];
}

function warnOfLock({ isUnsafe, lock, flaw }: FoundCapacity): string[] {
  return isUnsafe ? [`${lock} is unsafe: ${flaw ?? 'see redlock-bench locks'}`] : [];
}

function warnOfSamples({ steps, slo, answer }: FoundCapacity): string[] {
  const ends = 'meetsPerSecond' in answer ? [answer.meetsPerSecond] : [];
  if ('missesPerSecond' in answer) ends.push(answer.missesPerSecond);
  const least = leastSamples(slo);
  const few = steps.filter(
    ({ ratePerSecond, response, verdict }) =>
      ends.includes(ratePerSecond) && verdict !== 'invalid' && response.count < least,
  );
  if (few.length === 0) return [];
  const fewest = Math.min(...few.map(({ response }) => response.count));
  return [
    `the highest percentile of the SLO wants ${String(least)} acquisitions a step and had ${String(fewest)} in one at the end of the bracket: use a longer --duration`,
  ];
}

/** A search that was cut short may have repeated an end once of three times, which contradicts nothing yet. */
function warnOfAgreement({ answer, status, scaling }: FoundCapacity): string[] {
  const isOver = status === 'complete' || scaling !== null;
  if (!isOver || !('confirmed' in answer)) return [];
  const ends: Agreement[] = Object.values(answer.confirmed);
  if (ends.every((end) => end.of === 0 || isMajority(end))) return [];
  return [
    'the confirming runs contradict the answer: this machine or these masters change from run to run, so take it as a guess; longer steps (--duration) may steady it',
  ];
}

/** Below it a rate that is offered is not one that is served. */
const LEAST_SHARE = 0.99;

function warnOfShare(found: FoundCapacity): string[] {
  const share = acquiredShare(found);
  if (share === undefined || share >= LEAST_SHARE || found.slo.some((rule) => rule.includes('successRatio'))) return [];
  return [
    `the SLO says nothing of how many must acquire their lock, and at the lower end ${(100 * share).toFixed(1)} % did: add a rule such as --slo "acquire.successRatio>99.9%"`,
  ];
}

function warnOfShortSteps({ steps }: FoundCapacity): string[] {
  const short = steps.filter(({ durationMs }) => msToS(durationMs) < LEAST_SECONDS_OF_TREND);
  if (short.length === 0) return [];
  return [
    `steps of less than ${String(LEAST_SECONDS_OF_TREND)} s cannot show whether waits grow, because so few seconds may rise by chance: use a --duration of ${String(LEAST_SECONDS_OF_TREND)}s or more`,
  ];
}

function warnOfLittle({ littleDeviation }: FoundCapacity): string[] {
  if (littleDeviation === null || littleDeviation <= NOTABLE_DEVIATION) return [];
  return [
    `Little's law and the count of operations under way differ by up to ${roughPercent(littleDeviation)} (5 % is usual): times or rates of some step are not those of a steady load`,
  ];
}

function warnOfScaling({ scaling }: FoundCapacity): string[] {
  if (scaling === null) return [];
  const { points } = scaling;
  const ofRuns = (count: number): string => `in ${String(count)} of ${String(points.length)} runs of the closed loop`;
  const left = points.filter(({ health, limitedBy }) => health === 'invalid' || limitedBy === 'others').length;
  const bound = points.filter(({ limitedBy }) => limitedBy === 'generator' || limitedBy === 'machine').length;
  return [
    ...(left > 0
      ? [
          `${ofRuns(left)} other processes were in the way, or the run was invalid: the scaling curve is fitted without them`,
        ]
      : []),
    ...(bound > 0
      ? [
          `${ofRuns(bound)} the load generator or the machine was at its limit: the scaling curve is that of generator and masters together`,
        ]
      : []),
  ];
}

/** Cores that others may use before they are worth a word. */
const NOTABLE_OTHERS = 0.25;

function warnOfOthers({ steps }: FoundCapacity): string[] {
  const most = Math.max(0, ...steps.map(({ otherCores }) => otherCores ?? 0));
  if (most < NOTABLE_OTHERS) return [];
  return [
    `other processes used up to ${most.toFixed(1)} cores of this machine during a step: on a quiet machine the capacity may be higher`,
  ];
}
