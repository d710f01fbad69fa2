/**
 * The charts of a gate.
 *
 * @module
 */
import type { GateReport } from '../model/gate.js';
import { outcomesOfArms } from './charts/arm-outcomes.js';
import { runsPerArm } from './charts/arm-runs.js';
import { spectraOfArms } from './charts/arm-spectra.js';
import type { Chart } from './charts/chart.js';
import { decisiveEffects, effectsBeside } from './charts/effects.js';
import { quantileShift } from './charts/quantile-shift.js';
import { countedComparison, decidingRows } from './gate-rows.js';

/** The effects first, with the bands of what counted; then where the distribution moved, and the runs themselves. */
export function chartsOfGate(report: GateReport): Chart[] {
  const comparison = countedComparison(report);
  return [
    ...decisiveEffects(comparison, passedOpen(report)),
    quantileShift(comparison),
    ...comparison.metrics.filter((metric) => metric.isPrimary).map((metric) => runsPerArm(comparison, metric)),
    spectraOfArms(comparison),
    outcomesOfArms(comparison),
    ...effectsBeside(comparison),
  ];
}

/** The charts have the words of a comparison, which asks for more than a gate does. */
function passedOpen(report: GateReport): string[] {
  const open = decidingRows(report).filter(
    ({ effect, gated }) => gated.outcome === 'pass' && effect.verdict === 'inconclusive',
  );
  if (open.length === 0) return [];
  return [
    `${open.map(({ metric }) => metric.label).join(', ')}: inconclusive as a comparison, but the whole interval leaves out a change for the worse that counts, so the gate passes it`,
  ];
}
