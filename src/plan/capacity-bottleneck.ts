/**
 * What limits, judged from the figures of the runs that missed.
 *
 * @module
 */
import { usedCoresOf } from '../check/other-processes.js';
import { parseThreshold } from '../check/thresholds.js';
import type { Bottleneck, CapacityAnswer, KeyCeiling } from '../model/capacity.js';
import { formatAmount, formatRate, roughPercent } from '../model/figure-text.js';
import { quorumOf } from '../model/quorum.js';
import type { RunResult } from '../model/result.js';
import { masterCount, type Scenario } from '../model/scenario.js';
import { formatNs, msToNs, msToS, sToNs, type Ns } from '../model/time.js';
import { coresOf } from './capacity-cpu.js';
import type { MeasuredStep } from './capacity-step.js';
import { BUSY_KEY, BUSY_MASTER } from './capacity-verdict.js';
import { md1ResponseQuantileNs } from './queueing.js';

export interface BottleneckMaterial {
  readonly scenario: Scenario;
  readonly answer: CapacityAnswer;
  /** Every step, in the order in which they ran. */
  readonly measured: readonly MeasuredStep[];
  /** Of these, the ones whose figures are those of the masters, of one transport. */
  readonly comparable: readonly MeasuredStep[];
  /** The lowest rate that could not be offered, if there is one below what missed. */
  readonly blockedPerSecond: number | undefined;
  readonly keyCeiling: KeyCeiling | null;
}

/** Generator, masters and all others together: beyond it they take CPU from each other. */
const BUSY_MACHINE = 0.9;
/** Emulated masters that get this share of the requests that they let through are at their rate… */
const BUSY_SERVICE = 0.85;
/** … and a tight SLO is missed long before: when the queue in front of one of them alone takes this share of the limit. */
const LONG_QUEUE = 0.8;
/** A response that at light load makes up this share of the limit leaves no room for load. */
const LONG_RESPONSE = 0.5;
/** And it is the round trip when that makes up this share of the response. */
const LONG_ROUND_TRIP = 0.5;

/** A candidate: whether it is the limit, and the sentence with its figures. */
interface Finding {
  readonly kind: Bottleneck['kind'];
  readonly master: number | null;
  readonly isLimit: boolean;
  readonly sentence: string;
}

/**
 * Looks at every candidate at the upper end of the answer. The first that is at its limit, in the order from the most
 * specific to the least, is the bottleneck; the others are told with their figures.
 */
export function findBottleneck(material: BottleneckMaterial): Bottleneck {
  const { answer, measured } = material;
  const findings = examine(material);
  if (answer.kind === 'at-least') {
    if (answer.limit === 'generator' || answer.limit === 'others') {
      // That others have the cores is said once.
      const rest = answer.limit === 'others' ? findings.filter(({ kind }) => kind !== 'machine') : findings;
      return conclude({ kind: answer.limit, master: null, explanation: answer.evidence }, rest);
    }
    const fix = answer.limit === 'highest-rate' ? ' Raise --up-to.' : '';
    return conclude({ kind: 'unknown', master: null, explanation: `${answer.evidence}${fix}` }, findings);
  }
  if (measured.every(({ step }) => step.verdict !== 'missed')) {
    return conclude({ kind: 'unknown', master: null, explanation: 'no valid step missed the SLO.' }, []);
  }
  const limit = findings.find(({ isLimit }) => isLimit);
  if (limit === undefined) {
    const explanation = 'nothing that was looked at is at its limit.';
    return conclude({ kind: 'unknown', master: null, explanation }, findings);
  }
  const { kind, master, sentence } = limit;
  return conclude(
    { kind, master, explanation: sentence },
    findings.filter((each) => each !== limit),
  );
}

function conclude(named: Omit<Bottleneck, 'alsoAtLimit' | 'ruledOut'>, others: readonly Finding[]): Bottleneck {
  const sentences = (isLimit: boolean): string[] =>
    others.filter((each) => each.isLimit === isLimit).map(({ sentence }) => sentence);
  return { ...named, alsoAtLimit: sentences(true), ruledOut: sentences(false) };
}

function examine(material: BottleneckMaterial): Finding[] {
  const there = findStepAtLimit(material);
  if (there === undefined) return [];
  return [
    ...examineService(material.scenario, there),
    ...examineMasters(there),
    ...examineKey(material.keyCeiling, there),
    ...examineLightLoad(material, 'round-trip'),
    ...examineMachine(there),
    ...examineLightLoad(material, 'unknown'),
  ];
}

/** The last step at the rate that ended the search: what missed, else what could not be offered, else the highest. */
function findStepAtLimit({ answer, measured, blockedPerSecond }: BottleneckMaterial): MeasuredStep | undefined {
  const rate = 'missesPerSecond' in answer ? answer.missesPerSecond : blockedPerSecond;
  const settled = measured.filter(({ step }) => step.verdict !== 'unsettled');
  const there = settled.filter(({ step }) => step.ratePerSecond === rate);
  return (
    there.findLast(({ step }) => step.verdict === 'missed') ??
    there.at(-1) ??
    settled.toSorted((a, b) => a.step.ratePerSecond - b.step.ratePerSecond).at(-1)
  );
}

function examineService(scenario: Scenario, { step, result }: MeasuredStep): Finding[] {
  const { serviceRatePerSecond, thresholds } = scenario;
  if (serviceRatePerSecond === undefined) return [];
  const requests = requestsPerSecond(result);
  const share = requests / serviceRatePerSecond;
  const limit = tightestLimit(thresholds);
  const queueNs =
    limit?.quantile === undefined || requests === 0
      ? 0
      : md1ResponseQuantileNs(requests, sToNs(1) / serviceRatePerSecond, limit.quantile);
  const isQueue = limit !== undefined && Number.isFinite(queueNs) && queueNs >= LONG_QUEUE * limit.limitNs;
  const queue = isQueue
    ? `; the wait for one of them alone is then ${formatNs(queueNs)} at p${String(Number((100 * (limit.quantile ?? 0)).toFixed(3)))}, by the theory of queues (M/D/1)`
    : '';
  const sentence =
    `Each master lets ${formatRate(serviceRatePerSecond)} requests through, one after another (--service-rate); at ` +
    `${formatAmount(step.ratePerSecond)} operations/s it was asked for ${formatRate(requests)}, ${roughPercent(share)} of it${queue}.`;
  return [{ kind: 'masters-rate', master: null, isLimit: share >= BUSY_SERVICE || isQueue, sentence }];
}

/**
 * Requests to each master in the measured window: one for each attempt; of redlock, one more for each lock or failed attempt
 * that was released. What other locks send for a release is not known, so theirs is a lower bound.
 */
function requestsPerSecond({ attempts, acquire, release, scenario, measuredMs }: RunResult): number {
  if (measuredMs === 0) return 0;
  const failed = Math.max(0, attempts.total - acquire.counts.acquired);
  const releases = scenario.lock === 'redlock' ? release.count + failed : 0;
  return (attempts.total + releases) / msToS(measuredMs);
}

function examineMasters({ step }: MeasuredStep): Finding[] {
  const known = step.masterCpu.flatMap((cores, index) => (cores === null ? [] : [{ cores, master: index + 1 }]));
  const unknown = step.masterCpu.length - known.length;
  const busiest = known.toSorted((a, b) => b.cores - a.cores)[0];
  const untold =
    unknown === 0 ? '' : `how busy ${String(unknown)} of ${String(step.masterCpu.length)} masters were is not known`;
  if (busiest === undefined) {
    const sentence = `At ${formatRate(step.ratePerSecond)} ${untold}.`;
    return unknown === 0 ? [] : [{ kind: 'master-cpu', master: null, isLimit: false, sentence }];
  }
  const { master, cores } = busiest;
  const others = known.length > 1 ? `, more than any other` : '';
  const sentence = `Master ${String(master)} used ${roughPercent(cores)} of a core${others}, at ${formatRate(step.ratePerSecond)}; it can use one${untold === '' ? '' : `; ${untold}`}.`;
  return [{ kind: 'master-cpu', master, isLimit: cores >= BUSY_MASTER, sentence }];
}

function examineKey(ceiling: KeyCeiling | null, { step }: MeasuredStep): Finding[] {
  if (ceiling === null) return [];
  const { keyShare, predictedPerSecond } = ceiling;
  const wanted = step.ratePerSecond * keyShare;
  const share = wanted / predictedPerSecond;
  const sentence =
    `The most wanted key was wanted ${formatRate(wanted)} and can change hands ${formatRate(predictedPerSecond)}, ` +
    `by acquire ${formatNs(ceiling.acquireNs)}, hold ${formatNs(ceiling.holdNs)}, release ${formatNs(ceiling.releaseNs)} and handoff ${formatNs(ceiling.handoffNs)}: ${roughPercent(share)} of its ceiling.`;
  return [{ kind: 'key', master: null, isLimit: share >= BUSY_KEY, sentence }];
}

/**
 * A response that at the lightest load takes most of what the SLO allows leaves no room for load. It is the round trip where
 * that makes up most of it; otherwise what it is made of is not known, but it is no matter of load.
 */
function examineLightLoad({ comparable, scenario }: BottleneckMaterial, kind: 'round-trip' | 'unknown'): Finding[] {
  const lightest = comparable.toSorted((a, b) => a.step.ratePerSecond - b.step.ratePerSecond)[0]?.result;
  if (lightest === undefined || lightest.acquire.response.count === 0) return [];
  const { p50Ns } = lightest.acquire.response;
  const limit = tightestLimit(scenario.thresholds);
  const emulatedNs = msToNs(Math.max(0, ...scenario.rtt.flat().map(({ roundTripMs }) => roundTripMs)));
  const tripNs = Math.max(emulatedNs, quorumRoundTripNs(lightest, scenario));
  const ofLimit = limit === undefined ? 0 : p50Ns / limit.limitNs;
  const isTrip = tripNs >= LONG_ROUND_TRIP * p50Ns;
  const isSlow = ofLimit >= LONG_RESPONSE;
  // What is neither is told once, as a round trip that was ruled out.
  if (kind === 'unknown' ? !isSlow || isTrip : isSlow && !isTrip) return [];
  const sentence =
    `At the lightest load an acquisition takes ${formatNs(p50Ns)} at the median` +
    (limit === undefined ? '' : `, ${roughPercent(ofLimit)} of the ${formatNs(limit.limitNs)} that the SLO allows`) +
    (tripNs > 0 ? `, of which a round trip takes ${formatNs(Math.min(tripNs, p50Ns))}` : '') +
    (emulatedNs > 0 ? `; the longest emulated round trip is ${formatNs(emulatedNs)}` : '') +
    (kind === 'unknown' ? ': it is slow already at light load' : '');
  return [{ kind, master: null, isLimit: isSlow, sentence: `${sentence}.` }];
}

/** The median round trip that an acquisition waits for: that of the slowest of the fastest quorum; 0 where nobody told. */
function quorumRoundTripNs({ masters }: RunResult, scenario: Scenario): Ns {
  const medians = masters.flatMap(({ roundTrip }) => (roundTrip.count === 0 ? [] : [roundTrip.p50Ns]));
  return medians.toSorted((a, b) => a - b)[quorumOf(masterCount(scenario)) - 1] ?? 0;
}

/** The shortest time that the SLO gives an acquisition, of what it says of responses and services, and at which quantile. */
function tightestLimit(
  slo: readonly string[],
): { readonly limitNs: Ns; readonly quantile: number | undefined } | undefined {
  const limits = slo.flatMap((expression) => {
    const threshold = parseThreshold(expression);
    if ('problem' in threshold || !threshold.limitIsDuration || !threshold.comparison.startsWith('<')) return [];
    const [room, metric] = threshold.path;
    if (room !== 'acquire' || (metric !== 'response' && metric !== 'service')) return [];
    const percentile = /^p\((.+)\)$/.exec(threshold.aggregate ?? '')?.[1];
    return [{ limitNs: threshold.limit, quantile: percentile === undefined ? undefined : Number(percentile) / 100 }];
  });
  return limits.toSorted((a, b) => a.limitNs - b.limitNs)[0];
}

function examineMachine({ step, result }: MeasuredStep): Finding[] {
  const { cores } = result.environment;
  // A generator that waits for its next start spins, which costs a core and is no work.
  const generator = Math.min(step.generatorCores, step.workers * step.eventLoopUtilization);
  // Of the masters, those that are on this machine.
  const masters = Math.max(0, usedCoresOf(result) - coresOf(result, result.health.generatorCpuSeconds));
  const others = step.otherCores ?? 0;
  const used = generator + masters + others;
  const isLimit = used >= BUSY_MACHINE * cores;
  const sayOthers = step.otherCores === null ? 'others not known' : `others ${others.toFixed(1)}`;
  const sentence =
    `Of the ${String(cores)} cores of this machine ${used.toFixed(1)} were used at ${formatRate(step.ratePerSecond)}: ` +
    `load generator ${generator.toFixed(1)}, masters ${masters.toFixed(1)}, ${sayOthers}${sayProxies(result.scenario)}.` +
    (isLimit ? ` ${adviseByPart(generator, masters, others)}` : '');
  return [{ kind: 'machine', master: null, isLimit, sentence }];
}

function adviseByPart(generator: number, masters: number, others: number): string {
  if (others > Math.max(generator, masters)) return 'Other processes are the largest part: end them, and run again.';
  return masters >= generator
    ? 'The masters are the largest part: put them on other machines (--endpoint).'
    : 'The load generator is the largest part: run it on a machine with more cores, or away from the masters (--endpoint).';
}

function sayProxies({ rtt, serviceRatePerSecond }: Scenario): string {
  return rtt.length === 0 && serviceRatePerSecond === undefined
    ? ''
    : ', the proxies that emulate --rtt or --service-rate not counted with any of them';
}
