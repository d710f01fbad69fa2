/**
 * From where a search stands to what was found.
 *
 * @module
 */
import type { CapacityAnswer, CapacityStep, StepCause } from '../model/capacity.js';
import { formatRate } from '../model/figure-text.js';
import type { Standing } from './capacity-search.js';

export interface AnswerMaterial {
  readonly standing: Standing;
  readonly steps: readonly CapacityStep[];
  /** Whether the search came to its own end. */
  readonly isOver: boolean;
  readonly upToPerSecond: number;
}

/** Says what was found, and no more than was found when the search was cut short. */
export function answerOf(material: AnswerMaterial): CapacityAnswer {
  const { standing, steps, isOver } = material;
  const { meets, misses, blockedPerSecond } = standing;
  if (meets === undefined) {
    if (misses === undefined) return { kind: 'unknown', reason: whyUnknown(steps, isOver) };
    const evidence =
      blockedPerSecond === undefined ? null : evidenceOf(findBlocking(steps, blockedPerSecond), blockedPerSecond);
    return { kind: 'below', missesPerSecond: misses.ratePerSecond, evidence };
  }
  if (misses === undefined || blockedPerSecond !== undefined) {
    return {
      kind: 'at-least',
      meetsPerSecond: meets.ratePerSecond,
      confirmed: { meets: { agreed: meets.agreed, of: meets.of } },
      ...limitOf(material, blockedPerSecond),
    };
  }
  return {
    kind: 'bracket',
    meetsPerSecond: meets.ratePerSecond,
    missesPerSecond: misses.ratePerSecond,
    confirmed: {
      meets: { agreed: meets.agreed, of: meets.of },
      misses: { agreed: misses.agreed, of: misses.of },
    },
  };
}

function limitOf(
  { standing, steps, isOver, upToPerSecond }: AnswerMaterial,
  blockedPerSecond: number | undefined,
): Pick<Extract<CapacityAnswer, { kind: 'at-least' }>, 'limit' | 'evidence'> {
  if (blockedPerSecond !== undefined) {
    const blocking = findBlocking(steps, blockedPerSecond);
    const missed = standing.misses === undefined ? '' : ` ${formatRate(standing.misses.ratePerSecond)} missed the SLO.`;
    return {
      limit: blocking?.cause ?? 'generator',
      evidence: `${evidenceOf(blocking, blockedPerSecond)}.${advise(blocking?.cause)}${missed}`,
    };
  }
  if (!isOver) return { limit: 'interrupted', evidence: 'The search ended before a rate missed the SLO.' };
  return {
    limit: 'highest-rate',
    evidence: `The highest rate that was allowed, ${formatRate(upToPerSecond)}, met the SLO.`,
  };
}

/** The last word on a rate; what a stronger generator died of otherwise does not clear the weaker one. */
function findBlocking(steps: readonly CapacityStep[], ratePerSecond: number): CapacityStep | undefined {
  const there = steps.filter((each) => each.verdict === 'invalid' && each.ratePerSecond === ratePerSecond);
  return there.findLast(({ cause }) => cause === 'generator') ?? there.at(-1);
}

/** The run's own words. */
function evidenceOf(step: CapacityStep | undefined, ratePerSecond: number): string {
  if (step === undefined) return `${formatRate(ratePerSecond)} could not be offered`;
  const workers = `${String(step.workers)} worker${step.workers === 1 ? '' : 's'}`;
  // Where others had the cores, what else was wrong follows from it.
  const reasons = step.cause === 'others' ? step.reasons.slice(0, 1) : step.reasons;
  return `At ${formatRate(step.ratePerSecond)}, with ${workers} and the ${step.transport} transport: ${reasons.join('; ').replace(/\.$/, '')}`;
}

function advise(cause: StepCause | null | undefined): string {
  if (cause === 'others')
    return ' So neither masters nor generator were at their limit: end the others, and run again.';
  return '';
}

function whyUnknown(steps: readonly CapacityStep[], isOver: boolean): string {
  const invalid = steps.findLast(({ verdict }) => verdict === 'invalid');
  if (invalid === undefined) {
    return isOver ? 'No step gave an answer.' : 'The search ended before its first step was judged.';
  }
  if (invalid.cause === 'no-data') {
    return `The SLO cannot be measured here: at ${formatRate(invalid.ratePerSecond)}, ${invalid.reasons.join('; ')}; state a rule about what this load does, or begin at a higher rate (--from).`;
  }
  return `${evidenceOf(invalid, invalid.ratePerSecond)}.${advise(invalid.cause)}`;
}
