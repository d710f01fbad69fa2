/**
 * `capacity [scenario]`: the highest rate that meets an SLO, and what limits it.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES } from '../check/exit-code.js';
import type { CapacityStep, StepPurpose } from '../model/capacity.js';
import { UsageError } from '../model/errors.js';
import { formatRate, formatShare } from '../model/figure-text.js';
import type { RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { formatDurationMs, formatNs } from '../model/time.js';
import { searchCapacity, type CapacityPlan, type CapacityStage } from '../plan/capacity.js';
import type { ScalingRun } from '../plan/capacity-scaling.js';
import { writeCapacity } from '../report/capacity-folder.js';
import { renderCapacitySummary } from '../report/capacity-summary.js';
import { toJson } from '../report/json-text.js';
import { checkScenario } from '../scenario-check.js';
import { readCapacityPlan, sayOfSlo } from './capacity-request.js';
import { interruptible } from './interrupt.js';
import { readNewOutput } from './new-folder.js';
import { runOne } from './one-run.js';
import type { RawArguments } from './options.js';
import type { Output } from './output.js';
import { exitCodeAfter, isNothingMeasured } from './rounds.js';
import type { Screen } from './screen.js';
import { stdoutStyle } from './terminal.js';

/** Searches, writes, prints. Gives the exit code: a violation in any step before all. */
export async function capacityCommand(raw: RawArguments): Promise<number> {
  const plan = readCapacityPlan(raw);
  const output = await readNewOutput(raw, plan.title);
  await checkScenario(plan.scenario);
  const say = output.isQuiet ? () => undefined : (text: string) => process.stderr.write(`${text}\n`);
  say(announce(plan));
  let exitCode: number = EXIT_CODES.interrupted;
  await interruptible(async (signal, screen) => {
    const found = await inWordsOfSlo(() => searchCapacity(plan, stageOf(output, screen, signal), signal));
    const { report } = found;
    if (isNothingMeasured(report.steps.length + report.violations.length, signal)) return;
    const files = await writeCapacity(output.directory, report);
    process.stdout.write(output.isJson ? toJson(report) : `${renderCapacitySummary(report, stdoutStyle(), files)}\n`);
    exitCode = exitCodeAfter(report.exitCode, found.failure, signal.aborted);
  });
  return exitCode;
}

/** What makes the runs and tells of them. */
function stageOf({ directory, isQuiet }: Output, screen: Screen, signal: AbortSignal): CapacityStage {
  const say = (text: string): void => {
    if (!isQuiet) screen.line(text);
  };
  const hasLiveView = !isQuiet && screen.isLive;
  const bracket = new Bracket();
  const run = async (scenario: Scenario, folder: string, label: string): Promise<RunResult | undefined> => {
    // Where no line can be rewritten, every phase and second of every step would bury what came of them.
    if (!hasLiveView) say(`${label}: runs for ${formatDurationMs(scenario.warmupMs + scenario.durationMs)}`);
    const shown = { label, whole: bracket.text, screen, isQuiet: !hasLiveView };
    const one = { scenario, directory: path.join(directory, folder), ...shown, isDrawn: false };
    return (await runOne(one, signal))?.result;
  };
  return {
    step: (scenario, place) => run(scenario, place.directory, labelOf(place)),
    scaling: (point) => run(point.scenario, point.directory, labelOfScaling(point)),
    judged: (step) => {
      bracket.judged(step);
      say(`${labelOf(step)}: ${describeVerdict(step)}`);
    },
    changed: (sentence) => {
      say(sentence);
    },
  };
}

/** Between which rates the answer lies, as far as it is known. */
class Bracket {
  #met = 0;
  #missed = Infinity;

  judged({ verdict, ratePerSecond }: CapacityStep): void {
    if (verdict === 'met') this.#met = Math.max(this.#met, ratePerSecond);
    if (verdict === 'missed') this.#missed = Math.min(this.#missed, ratePerSecond);
  }

  get text(): string {
    const met = this.#met === 0 ? 'no rate met yet' : `met at ${formatRate(this.#met)}`;
    return this.#missed === Infinity
      ? `so far: ${met}, none missed`
      : `so far: ${met}, missed at ${formatRate(this.#missed)}`;
  }
}

function labelOf({
  number,
  purpose,
  ratePerSecond,
}: {
  number: number;
  purpose: StepPurpose;
  ratePerSecond: number;
}): string {
  return `[step ${String(number)}, ${purpose}] ${formatRate(ratePerSecond)}`;
}

function labelOfScaling({ done, total, clients }: ScalingRun): string {
  return `[scaling ${String(done + 1)}/${String(total)}] ${String(clients)} client${clients === 1 ? '' : 's'}`;
}

function describeVerdict({ verdict, reasons, response, successRatio }: CapacityStep): string {
  if (verdict === 'met') return `met: p99 ${formatNs(response.p99Ns)}, ${formatShare(successRatio)} acquired`;
  const again = verdict === 'unsettled' ? '; once more, for longer' : '';
  return `${verdict}: ${reasons.join('; ')}${again}`;
}

/** What is about to happen; how long it takes depends on what is found. */
function announce({ scenario, search, hasScaling }: CapacityPlan): string {
  const { fromPerSecond, precision, confirmations, seed } = search;
  const step = formatDurationMs(scenario.warmupMs + scenario.durationMs);
  return (
    `searching the highest rate with ${scenario.thresholds.join(' and ')}: from ${formatRate(fromPerSecond)}, steps of ${step} and more, ` +
    `to within ${String(Number((100 * precision).toFixed(1)))} %, each end confirmed by ${String(confirmations)} run${confirmations === 1 ? '' : 's'}` +
    `${hasScaling ? ', then a closed loop of 1 to 64 clients' : ''}; seed ${String(seed)}`
  );
}

/** A metric that no result has is found out by the first run. */
async function inWordsOfSlo<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof UsageError ? new UsageError(thrown.problems.map(sayOfSlo)) : thrown;
  }
}
