/**
 * The charts of a calibration.
 *
 * @module
 */
import type { Calibration } from '../model/gate.js';
import { runsPerArm } from './charts/arm-runs.js';
import { spectraOfArms } from './charts/arm-spectra.js';
import type { Chart } from './charts/chart.js';
import { decisiveEffects } from './charts/effects.js';
import { noiseFloors } from './charts/noise-floors.js';

/** The floors first, then how the same thing differed from itself, and the runs themselves. */
export function chartsOfCalibration(calibration: Calibration): Chart[] {
  const { comparison } = calibration;
  return [
    ...noiseFloors(calibration),
    ...decisiveEffects(comparison),
    ...comparison.metrics.filter((metric) => metric.isPrimary).map((metric) => runsPerArm(comparison, metric)),
    spectraOfArms(comparison),
  ];
}
