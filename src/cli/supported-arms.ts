/**
 * Asks the locks of a comparison, before its first round, whether they can do what is asked of them.
 *
 * @module
 */
import { UnsupportedError, UsageError } from '../model/errors.js';
import type { ComparisonPlan, ScenarioArm } from '../plan/compare.js';
import { planContrasts } from '../plan/design.js';
import { checkScenario } from '../scenario-check.js';

/**
 * Leaves out the arms whose lock cannot do what is asked, and remarks on each, as long as there is still something to
 * compare.
 *
 * @throws UsageError for a lock that is not to be had, for anything else that is wrong, and when too few arms are left
 */
export async function keepSupportedArms(plan: ComparisonPlan, check = checkScenario): Promise<ComparisonPlan> {
  const arms: ScenarioArm[] = [];
  const remarks: string[] = [];
  const unsupported = new Set<string>();
  const wrong = new Set<string>();
  for (const arm of plan.arms) {
    try {
      await check(arm.scenario);
      arms.push(arm);
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      const isUnsupported = thrown instanceof UnsupportedError;
      for (const problem of thrown.problems) (isUnsupported ? unsupported : wrong).add(problem);
      if (isUnsupported) remarks.push(`${arm.name} is left out: ${thrown.problems.join('; ')}`);
    }
  }
  if (wrong.size > 0) throw new UsageError([...wrong]);
  if (planContrasts(plan.factors, arms).length === 0) {
    throw new UsageError([
      ...unsupported,
      `compare: expected at least two things to compare, got ${String(arms.length)} of ${String(plan.arms.length)} arms that can run; change what the others cannot do`,
    ]);
  }
  return { ...plan, arms, remarks: [...plan.remarks, ...remarks] };
}
