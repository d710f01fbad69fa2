/**
 * The metrics of a gate with their effects and medians: what tables and exports are made of.
 *
 * @module
 */
import type { Arm, Comparison, Effect, MetricName } from '../model/comparison.js';
import type { GateReport, GateRow } from '../model/gate.js';
import { runsIn, spreadOf, valuesOf, type Spread } from './arm-figures.js';

/** Every metric of the gate, those that decide first; each with the smallest difference that counted. */
export function gateRows({ comparison, metrics }: GateReport): GateRow[] {
  const rows = metrics.flatMap((gated): GateRow[] => {
    const metric = comparison.metrics.find(({ name }) => name === gated.metric);
    if (metric === undefined) return [];
    const effect = comparison.contrasts[0]?.effects.find((each) => each.metric === gated.metric);
    return [
      {
        metric: { ...metric, minEffect: gated.minEffect },
        effect: effect ?? notCompared(gated.metric),
        gated,
        base: spreadOn(baseOf(comparison), gated.metric)?.median ?? null,
        head: spreadOn(headOf(comparison), gated.metric)?.median ?? null,
      },
    ];
  });
  return [...rows.filter(isDeciding), ...rows.filter((row) => !isDeciding(row))];
}

/** The metrics that decide. */
export function decidingRows(report: GateReport): GateRow[] {
  return gateRows(report).filter(isDeciding);
}

/** The build that is held against; undefined where it could not run. */
export function baseOf({ arms }: Comparison): Arm | undefined {
  return arms.find(({ name }) => name === 'base');
}

/** The build that is judged; undefined where it could not run. */
export function headOf({ arms }: Comparison): Arm | undefined {
  return arms.find(({ name }) => name === 'head');
}

/** Where the runs of a side that are in lie; undefined when none has a value. */
export function spreadOn(arm: Arm | undefined, metric: MetricName): Spread | undefined {
  return arm === undefined ? undefined : spreadOf(valuesOf(runsIn(arm), metric));
}

/** The comparison of a gate, with the smallest differences that counted: the charts shade these. */
export function countedComparison({ comparison, metrics }: GateReport): Comparison {
  const { arms, contrasts } = comparison;
  return {
    ...comparison,
    // A side that could not run is no arm, and nothing can be drawn against it.
    contrasts: contrasts.filter(({ arm, baseline }) => arm < arms.length && baseline < arms.length),
    metrics: comparison.metrics.map((metric) => {
      const gated = metrics.find((each) => each.metric === metric.name);
      return gated === undefined ? metric : { ...metric, minEffect: gated.minEffect };
    }),
  };
}

function isDeciding({ metric }: GateRow): boolean {
  return metric.isPrimary;
}

function notCompared(metric: MetricName): Effect {
  const nothing = { ratio: null, low: null, high: null, pValue: null, adjustedPValue: null } as const;
  return { metric, pairs: 0, ...nothing, verdict: 'not-compared' };
}
