/**
 * How a calibration raises what counts as a difference: to twice what the machine differs from itself.
 *
 * @module
 */
import type { MetricName } from '../model/comparison.js';
import { roughPercent } from '../model/figure-text.js';
import type { Calibration, GateReport, NoiseFloor } from '../model/gate.js';
import type { Environment } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { findLoadDifferences } from './load-differences.js';
import { describeOtherMachine } from './machine.js';
import { declareMetrics, type MinEffect } from './metrics.js';
import { FLOORS } from './noise-floor.js';

export interface CalibrationAsked {
  readonly calibration: { readonly file: string; readonly calibration: Calibration } | undefined;
  /** The user's smallest difference that matters, as a share. */
  readonly minEffect: number | undefined;
  readonly meantToDiffer: ReadonlySet<string>;
  readonly rounds: number;
}

/** What was run, to see whether the calibration is about it. */
export interface Calibratable {
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly isOpenLoop: boolean;
}

export interface FittedCalibration {
  readonly minEffect: MinEffect;
  /** Metrics whose limit is not their own. */
  readonly from: ReadonlyMap<MetricName, 'user' | 'calibration'>;
  readonly used: GateReport['calibration'];
  readonly remarks: readonly string[];
}

/** Lays a calibration over what the metrics or the user ask for. One of another machine or load is not used. */
export function fitCalibration(asked: CalibrationAsked, ran: Calibratable): FittedCalibration {
  const { calibration: stored, minEffect, meantToDiffer, rounds } = asked;
  const metrics = declareMetrics(ran.isOpenLoop, minEffect);
  const from = new Map<MetricName, 'user' | 'calibration'>();
  if (minEffect !== undefined) for (const { name } of metrics) from.set(name, 'user');
  if (stored === undefined) return { minEffect, from, used: null, remarks: [] };
  const { calibration, file } = stored;
  const misfits = [
    ...[describeOtherMachine(calibration.environment, ran.environment)].filter((text) => text !== undefined),
    ...findLoadDifferences(calibration.scenario, ran.scenario, meantToDiffer),
  ];
  if (misfits.length > 0) {
    const remark = `the calibration ${file} is not used, because it is of another machine or load: ${misfits.join('; ')}`;
    return { minEffect, from, used: null, remarks: [remark] };
  }
  const limits = new Map<MetricName, number>();
  for (const { name, minEffect: own } of metrics) {
    const noise = calibration.floors.find(({ metric }) => metric === name);
    const floor = noise === undefined ? 0 : scaledHalfWidth(noise, rounds) * FLOORS;
    limits.set(name, Math.max(own, floor));
    if (floor > own) from.set(name, 'calibration');
  }
  return {
    minEffect: limits,
    from,
    used: { file, startedAt: calibration.startedAt },
    remarks: [
      ...remarkOnRounds(calibration, rounds),
      ...remarkOnLock(calibration.scenario, ran.scenario),
      ...remarkOnFloors(calibration),
    ],
  };
}

/** Noise falls with the root of the rounds; on the scale of logarithms, on which intervals of ratios are even. */
function scaledHalfWidth({ halfWidth, rounds: calibrated }: NoiseFloor, rounds: number): number {
  if (calibrated === rounds) return halfWidth ?? 0;
  return Math.expm1(Math.log1p(halfWidth ?? 0) * Math.sqrt(calibrated / Math.max(1, rounds)));
}

function remarkOnRounds({ floors }: Calibration, rounds: number): string[] {
  const calibrated = Math.max(0, ...floors.map((floor) => floor.rounds));
  if (calibrated === 0 || calibrated === rounds) return [];
  return [
    `the calibration is of ${String(calibrated)} rounds, so its noise is scaled to ${String(rounds)} by the root`,
  ];
}

/** The noise of another client may be another. */
function remarkOnLock(calibrated: Scenario, ran: Scenario): string[] {
  const differing = (['lock', 'transport', 'commands'] as const).flatMap((field) =>
    calibrated[field] === ran[field] ? [] : [`--${field} ${calibrated[field]} and not ${ran[field]}`],
  );
  if (differing.length === 0) return [];
  return [`the calibration is of ${differing.join(', ')}: its noise may not be that of head`];
}

function remarkOnFloors({ floors }: Calibration): string[] {
  const primary = floors.filter(({ isPrimary }) => isPrimary);
  const missing = primary.filter(({ halfWidth, isConstant }) => halfWidth === null && !isConstant);
  return [
    ...(missing.length === 0
      ? []
      : [`the calibration has no noise floor of ${missing.map(({ label }) => label).join(', ')}: too few rounds`]),
    ...describeUnstable(primary),
  ];
}

/** Says of each metric that scatters too much to be gated by how much it does. */
export function describeUnstable(floors: readonly NoiseFloor[]): string[] {
  return floors.flatMap(({ label, spread, isStable }) =>
    isStable ? [] : [`UNSTABLE: ${label} scatters by ±${roughPercent(spread ?? 0)} from run to run on this machine`],
  );
}
