/**
 * `calibrate`: how much this machine differs from itself, and which changes it can find.
 *
 * @module
 */
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import { toError, UsageError } from '../model/errors.js';
import type { Calibration } from '../model/gate.js';
import { freshSeed } from '../model/random.js';
import { countMeasured } from '../plan/arm-runs.js';
import { calibrateArms, findReasonNotToStore, planCalibration } from '../plan/calibrate.js';
import { CALIBRATION_FILE, writeCalibration } from '../report/calibration-folder.js';
import { renderCalibrationSummary } from '../report/calibration-summary.js';
import { toJson } from '../report/json-text.js';
import { requireWritableFile } from '../report/writable-file.js';
import { checkScenario } from '../scenario-check.js';
import { CALIBRATION_STORE } from './calibration-store.js';
import { DEFAULT_ROUNDS, readRounds } from './compare-request.js';
import { interruptible } from './interrupt.js';
import { readNewOutput } from './new-folder.js';
import type { RawArguments } from './options.js';
import { announceRounds, exitCodeAfter, isNothingMeasured } from './rounds.js';
import { runEveryArm } from './runs-by-settings.js';
import { titleOf } from './scenarios.js';
import { layOver, readSingleScenario } from './single-scenario.js';
import { stdoutStyle } from './terminal.js';
import { WordReader } from './word-reader.js';

/** Runs A against A, writes, prints. Gives the exit code. */
export async function calibrateCommand(raw: RawArguments): Promise<number> {
  const words = new WordReader(raw);
  const rounds = readRounds(words, DEFAULT_ROUNDS);
  const store = words.once('store') ?? CALIBRATION_STORE;
  const single = words.attempt(() => readSingleScenario('calibrate', raw));
  if (words.problems.length > 0 || single === undefined) throw new UsageError(words.problems);
  const seed = single.input.seed ?? freshSeed();
  const scenario = layOver(single, {}, seed);
  const output = await readNewOutput(raw, `calibration-${single.named.name}`);
  await requireWritableFile('--store', store);
  await checkScenario(scenario);
  const plan = planCalibration(titleOf(single.named, 'calibration'), scenario, {
    rounds,
    seed,
  });
  if (!output.isQuiet) process.stderr.write(`${announceRounds('running the same thing twice', plan)}\n`);
  let exitCode: number = EXIT_CODES.interrupted;
  await interruptible(async (signal, screen) => {
    const { calibration, failure } = await calibrateArms(
      plan,
      runEveryArm({ ...output, screen, rounds }, signal),
      signal,
    );
    if (isNothingMeasured(countMeasured(calibration.comparison.arms), signal)) return;
    const files = await writeCalibration(output.directory, calibration);
    if (output.isJson) process.stdout.write(toJson(calibration));
    else process.stdout.write(`${renderCalibrationSummary(calibration, stdoutStyle(), files)}\n`);
    const storeFailure = await storeCalibration(calibration, path.join(output.directory, CALIBRATION_FILE), store);
    exitCode = firstExitCode([
      exitCodeAfter(calibration.exitCode, failure, signal.aborted),
      exitCodeAfter(EXIT_CODES.ok, storeFailure, signal.aborted),
    ]);
  });
  return exitCode;
}

/** Puts it where gate finds it, if later gates may believe it. Gives why it could not be put there. */
async function storeCalibration(calibration: Calibration, file: string, store: string): Promise<Error | undefined> {
  const reason = findReasonNotToStore(calibration);
  if (reason !== undefined) {
    process.stderr.write(
      `redlock-bench: gate would be misled by this calibration: ${reason}; ${store} stays as it was\n`,
    );
    return undefined;
  }
  try {
    await mkdir(path.dirname(store), { recursive: true });
    await copyFile(file, store);
    process.stderr.write(`redlock-bench: gate finds it in ${store}\n`);
    return undefined;
  } catch (thrown) {
    return new UsageError([
      `--store: expected a file that can be written, got "${store}": ${toError(thrown).message}; copy ${file} there yourself`,
    ]);
  }
}
