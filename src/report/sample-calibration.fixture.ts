/**
 * Calibrations that tests draw: a quiet machine, a restless one, and one that was asked too little.
 *
 * @module
 */
import type { Calibration } from '../model/gate.js';
import { calibrateArms, planCalibration } from '../plan/calibrate.js';
import { seededRandom } from '../model/random.js';
import { completeScenario } from '../model/scenario.js';
import { simulateRun } from './simulated-run.fixture.js';

const SEED = 42;

/** The same thing twice, with so much scatter from run to run: a share, 0.05 on a quiet machine. */
export async function sampleCalibration(scatter = 0.05, rounds = 10): Promise<Calibration> {
  const scenario = completeScenario(
    { name: 'contended', masters: 3, keys: { kind: 'uniform', keys: 100 }, concurrency: 16, durationMs: 1_000 },
    SEED,
  );
  const plan = planCalibration('calibration', scenario, { rounds, seed: SEED });
  const { calibration } = await calibrateArms(
    plan,
    (armScenario, { arm, directory }) => {
      const side = arm.name === 'A' ? 0 : 1;
      const luck = Math.exp(scatter * (seededRandom(armScenario.seed, side).next() - 0.5));
      const { result } = simulateRun({
        seed: armScenario.seed * 10 + side,
        scenario: armScenario,
        intervals: 1,
        perInterval: 12_000 / luck,
        medianMs: 0.9 * luck,
        spread: 0.3,
        granted: 0.999,
        gaveUpMs: 900,
      });
      const lock = { name: 'redlock', version: '0.1.0', isUnsafe: false, flaw: null };
      return Promise.resolve({ ...result, runId: directory, lock });
    },
    new AbortController().signal,
  );
  return calibration;
}

/** One that was interrupted before anything had a value. */
export async function mutedCalibration(): Promise<Calibration> {
  const sample = await sampleCalibration(0.05, 2);
  const nothing = { ratio: null, low: null, high: null, pValue: null, adjustedPValue: null } as const;
  return {
    ...sample,
    status: 'interrupted',
    floors: sample.floors.map((floor) => ({
      ...floor,
      rounds: 0,
      halfWidth: null,
      isConstant: false,
      smallestDetectable: null,
      spread: null,
      isStable: true,
    })),
    comparison: {
      ...sample.comparison,
      status: 'interrupted',
      arms: sample.comparison.arms.map((arm) => ({ ...arm, runs: [] })),
      contrasts: sample.comparison.contrasts.map((contrast) => ({
        ...contrast,
        effects: contrast.effects.map((effect) => ({ ...effect, ...nothing, pairs: 0, verdict: 'not-compared' })),
      })),
    },
  };
}
