/**
 * The files of a gate that other tools read.
 *
 * @module
 */
import type { GateReport } from '../../model/gate.js';
import { toJson } from '../json-text.js';
import { bencherMetrics } from './bencher-metrics.js';
import { benchmarkEntries } from './github-action-benchmark.js';
import { withHistoryRow } from './history-csv.js';
import { renderJUnit } from './junit.js';
import { renderOtavaConfig } from './otava-config.js';
import { renderStepSummary } from './step-summary.js';

/** A file for another tool. */
export interface GateExport {
  readonly name: string;
  readonly text: string;
}

const HISTORY_FILE = 'history.csv';

/** All of them; a list of benchmarks only where there is one, because its reader refuses an empty list. */
export function exportsOfGate(report: GateReport): GateExport[] {
  const smaller = benchmarkEntries(report, 'lower');
  const bigger = benchmarkEntries(report, 'higher');
  const bencher = bencherMetrics(report);
  return [
    { name: 'junit.xml', text: renderJUnit(report) },
    { name: 'summary.md', text: renderStepSummary(report) },
    ...(smaller.length === 0 ? [] : [{ name: 'benchmark-smaller-is-better.json', text: toJson(smaller) }]),
    ...(bigger.length === 0 ? [] : [{ name: 'benchmark-bigger-is-better.json', text: toJson(bigger) }]),
    ...(Object.keys(bencher).length === 0 ? [] : [{ name: 'bmf.json', text: toJson(bencher) }]),
    { name: HISTORY_FILE, text: withHistoryRow(undefined, HISTORY_FILE, report) },
    { name: 'otava.yaml', text: renderOtavaConfig(report, HISTORY_FILE) },
  ];
}
