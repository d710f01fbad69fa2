/**
 * `gate`: whether a build locks slower than another one, for CI.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import type { Metric } from '../model/comparison.js';
import { redactCredentials } from '../model/endpoint.js';
import { toError, UsageError } from '../model/errors.js';
import type { GateReport } from '../model/gate.js';
import { freshSeed } from '../model/random.js';
import type { ScenarioInput } from '../model/scenario.js';
import { countMeasured } from '../plan/arm-runs.js';
import { gateArms, type GatePlan, type PlannedSide } from '../plan/gate.js';
import { declareMetrics } from '../plan/metrics.js';
import { readStoredCalibration } from '../report/calibration-folder.js';
import { toJson } from '../report/json-text.js';
import { appendHistoryRow, checkHistory } from '../report/exports/history-csv.js';
import { nameLoad } from '../report/exports/load-name.js';
import { writeGate } from '../report/gate-folder.js';
import { renderGateSummary } from '../report/gate-summary.js';
import { checkScenario } from '../scenario-check.js';
import { CALIBRATION_STORE } from './calibration-store.js';
import { explain } from './explain.js';
import { readBaseline } from './gate-baseline.js';
import { readGate, type GateRequest } from './gate-request.js';
import { runByCommand } from './gate-runs.js';
import type { Side } from './gate-sides.js';
import { interruptible } from './interrupt.js';
import { readNewOutput } from './new-folder.js';
import type { RawArguments } from './options.js';
import { announceRounds, isNothingMeasured, laterExitCode } from './rounds.js';
import { runEveryArm } from './runs-by-settings.js';
import { titleOf } from './scenarios.js';
import { layOver } from './single-scenario.js';
import { stdoutStyle } from './terminal.js';

/** Runs both sides, decides, writes, prints. Gives the exit code. */
export async function gateCommand(raw: RawArguments): Promise<number> {
  const request = readGate(raw);
  const plan = await planGate(request);
  const output = await readNewOutput(raw, `gate-${request.single.named.name}`);
  await requireHistoryFile(request, plan);
  for (const [side, { scenario }] of [
    [request.base, plan.base],
    [request.head, plan.head],
  ] as const) {
    if (side.kind === 'settings') await checkScenario(scenario);
  }
  if (!output.isQuiet) process.stderr.write(`${announce(plan)}\n`);
  let exitCode: number = EXIT_CODES.interrupted;
  await interruptible(async (signal, screen) => {
    const bySettings = runEveryArm({ ...output, screen, rounds: plan.rounds }, signal);
    const byCommand = runByCommand(request, output, signal);
    const { report, failure } = await gateArms(
      plan,
      (scenario, place) => {
        const side = place.arm.name === 'base' ? request.base : request.head;
        return side.kind === 'settings' ? bySettings(scenario, place) : byCommand(side, scenario, place);
      },
      signal,
    );
    const stored = plan.baseline?.arm.runs.length ?? 0;
    if (isNothingMeasured(countMeasured(report.comparison.arms) - stored, signal)) return;
    const historyFailure = await appendHistory(request.historyCsv, report);
    exitCode = firstExitCode([
      laterExitCode(report.exitCode, failure, signal.aborted),
      laterExitCode(EXIT_CODES.ok, historyFailure, signal.aborted),
    ]);
    // What is written down is what a script sees.
    const ended = { ...report, exitCode };
    const files = await writeGate(output.directory, ended);
    if (output.isJson) process.stdout.write(toJson(ended));
    else process.stdout.write(`${renderGateSummary(ended, stdoutStyle(), files)}\n`);
    for (const each of [failure, historyFailure]) if (each !== undefined) explain(each);
  });
  return exitCode;
}

/** Hours of runs later it would be too late to say that their row has no place. */
async function requireHistoryFile({ historyCsv, head }: GateRequest, plan: GatePlan): Promise<void> {
  if (historyCsv === undefined) return;
  const { scenario } = plan.head;
  const primary = (isOpenLoop: boolean): Metric[] => declareMetrics(isOpenLoop, undefined).filter((m) => m.isPrimary);
  // What a command will run is known to the command alone.
  if (head.kind === 'command') await checkHistory(historyCsv, [primary(false), primary(true)], undefined);
  else await checkHistory(historyCsv, [primary(scenario.ratePerSecond !== undefined)], nameLoad(scenario));
}

/** A row that cannot be written takes nothing back of what was measured. Gives why it could not. */
async function appendHistory(file: string | undefined, report: GateReport): Promise<Error | undefined> {
  if (file === undefined) return undefined;
  try {
    const hasRow = await appendHistoryRow(file, report);
    const why = 'this gate is invalid, was interrupted, or has no figure for some column';
    if (!hasRow) process.stderr.write(`redlock-bench: no row for ${file}: ${why}\n`);
    return undefined;
  } catch (thrown) {
    return toError(thrown);
  }
}

async function planGate(request: GateRequest): Promise<GatePlan> {
  const { single, base, head, rounds, minEffect, isStrict, baseline, baselineArm } = request;
  const seed = single.input.seed ?? freshSeed();
  const plan = (side: Side, more: ScenarioInput): PlannedSide => ({
    kind: side.kind,
    text: side.text,
    scenario: layOver(single, { ...(side.kind === 'settings' ? side.input : {}), ...more }, seed),
  });
  const stored = baseline.length > 0 ? await readBaseline(baseline, baselineArm) : undefined;
  const { calibration, remarks } = await readCalibration(request);
  return {
    title: titleOf(single.named, 'gate'),
    rounds,
    seed,
    remarks,
    // Thresholds are what the head promises.
    base:
      stored === undefined
        ? plan(base, { thresholds: [] })
        : { ...plan(base, {}), kind: 'baseline', text: redactCredentials(baseline.join(' ')) },
    head: plan(head, {}),
    meantToDiffer: findMeantToDiffer([base, head]),
    baseline: stored,
    minEffect,
    calibration,
    isStrict,
    commit: await findCommit(head),
  };
}

/** What the settings of a side name. A rate takes back the other side's concurrency, so both differ then. */
function findMeantToDiffer(sides: readonly Side[]): ReadonlySet<string> {
  const named = new Set(sides.flatMap((side) => (side.kind === 'settings' ? Object.keys(side.input) : [])));
  if (named.has('ratePerSecond') || named.has('concurrency')) {
    for (const field of ['ratePerSecond', 'concurrency', 'arrivals', 'burst', 'inFlight']) named.add(field);
  }
  // Running masters are as many as they are.
  if (named.has('endpoints')) named.add('masters');
  return named;
}

/** One that nobody asked for by name, and that cannot be read, must not end every gate. */
async function readCalibration({
  calibration: asked,
}: GateRequest): Promise<Pick<GatePlan, 'calibration' | 'remarks'>> {
  const file = asked ?? CALIBRATION_STORE;
  try {
    const calibration = await readStoredCalibration(file);
    if (calibration !== undefined) return { calibration: { file, calibration }, remarks: [] };
  } catch (thrown) {
    if (asked !== undefined) throw thrown;
    return { calibration: undefined, remarks: [`the calibration is not used: ${toError(thrown).message}`] };
  }
  if (asked === undefined) return { calibration: undefined, remarks: [] };
  throw new UsageError([
    `--calibration: expected a file that redlock-bench calibrate wrote, got ${asked}, where there is none`,
  ]);
}

/** Of the head: as its checkout tells, and else as CI does, which may have checked out something else. */
async function findCommit(head: Side): Promise<string | null> {
  if (head.kind === 'checkout') {
    try {
      const { stdout } = await promisify(execFile)('git', ['-C', head.directory, 'rev-parse', 'HEAD']);
      return stdout.trim();
    } catch {
      // An installed package has no history, and a machine may have no git.
    }
  }
  const sha = process.env['GITHUB_SHA'] ?? '';
  return sha === '' ? null : sha;
}

function announce({ base, head, baseline, rounds, seed }: GatePlan): string {
  const arms = [...(baseline === undefined ? [base] : []), head].map((side) => ({
    name: '',
    levels: {},
    scenario: side.scenario,
  }));
  const work = baseline === undefined ? 'gating head against base' : `gating head against ${base.text}`;
  return announceRounds(work, { arms, rounds, seed });
}
