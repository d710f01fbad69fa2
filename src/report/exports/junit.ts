/**
 * JUnit XML: a test case for each metric that decides, for each threshold, and for mutual exclusion.
 *
 * There is no one specification. Written is what the strictest schema in use (Windy Road's, of Ant's reports) and that of
 * Jenkins' xUnit plugin both take: no attributes on `testsuites`, a time stamp without zone, both system streams, no properties
 * of single cases.
 *
 * @module
 */
import { formatThings } from '../../model/figure-text.js';
import type { GatedThreshold, GateReport, GateRow } from '../../model/gate.js';
import { describeDesign } from '../comparison-words.js';
import { decidingRows } from '../gate-rows.js';
import {
  describeChange,
  describeGatedThreshold,
  describeSide,
  isWhole,
  madeRounds,
  METRIC_OUTCOME_WORDS,
  outcomeHeadline,
  reasonsOf,
} from '../gate-words.js';
import { escapeMarkup } from '../page/markup.js';
import { scenarioName } from './head-figures.js';
import { oneLine } from './plain-text.js';

interface TestCase {
  readonly name: string;
  /** Undefined: it passed. */
  readonly trouble?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
  };
}

/** Writes the gate as one suite. */
export function renderJUnit(report: GateReport): string {
  const judged = [
    ...decidingRows(report).map((row) => metricCase(report, row)),
    ...report.thresholds.map(thresholdCase),
    exclusionCase(report),
  ];
  const cases = [...judged, ...endingCases(report, judged)];
  const countOf = (kind: string): string => String(cases.filter(({ trouble }) => trouble?.kind === kind).length);
  const name = scenarioName(report);
  const suite = attributes({
    name,
    package: 'redlock-bench.gate',
    id: '0',
    tests: String(cases.length),
    failures: countOf('failure'),
    errors: countOf('error'),
    skipped: countOf('skipped'),
    // Its schema takes no zone; it is UTC. The name of the machine is nobody's business.
    timestamp: report.startedAt.slice(0, SECONDS_CHARACTERS),
    hostname: 'localhost',
    time: Math.max(0, report.tookSeconds).toFixed(3),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${suite}>`,
    '    <properties>',
    ...propertiesOf(report).map(([key, value]) => `      <property ${attributes({ name: key, value })}/>`),
    '    </properties>',
    ...cases.flatMap((each) => caseLines(each, `redlock-bench.gate.${name}`)),
    `    <system-out>${escapeMarkup(outputOf(report))}</system-out>`,
    `    <system-err>${escapeMarkup(report.warnings.map(oneLine).join('\n'))}</system-err>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const SECONDS_CHARACTERS = '2026-01-01T00:00:00'.length;

function propertiesOf(report: GateReport): [string, string][] {
  const { environment, comparison, commit, base, head, outcome } = report;
  return [
    ['outcome', outcome],
    ['seed', comparison.seed === null ? 'none' : String(comparison.seed)],
    ['node', environment.node],
    ['tool', `${environment.tool.name} ${environment.tool.version}`],
    ['design', describeDesign(comparison)],
    ['base', describeSide(base)],
    ['head', describeSide(head)],
    ['commit', commit ?? 'unknown'],
  ];
}

function metricCase(report: GateReport, row: GateRow): TestCase {
  const name = row.metric.label;
  if (report.outcome === 'invalid') {
    return { name, trouble: { kind: 'error', type: 'invalid-run', message: reasonsOf(report).why } };
  }
  const { outcome } = row.gated;
  if (outcome === 'pass' || outcome === 'improvement') return { name };
  const message = describeChange(row);
  if (outcome === 'regression') return { name, trouble: { kind: 'failure', type: 'regression', message } };
  return { name, trouble: { kind: 'skipped', type: outcome, message: `${METRIC_OUTCOME_WORDS[outcome]}: ${message}` } };
}

/** A threshold fails, as for the exit code, when more than half of the head's runs that are in crossed it. */
function thresholdCase(threshold: GatedThreshold): TestCase {
  const name = `threshold ${threshold.expression}`;
  const message = describeGatedThreshold(threshold);
  if (threshold.runs === 0) return { name, trouble: { kind: 'skipped', type: 'no-run', message } };
  return threshold.passed ? { name } : { name, trouble: { kind: 'failure', type: 'threshold-crossed', message } };
}

/** What no other case tells: an early end, and whatever else makes a gate fail; a suite is green when the gate is. */
function endingCases(report: GateReport, others: readonly TestCase[]): TestCase[] {
  if (!isWhole(report)) {
    const message = `interrupted after ${madeRounds(report)}`;
    return [{ name: 'all rounds', trouble: { kind: 'error', type: 'interrupted', message } }];
  }
  const isRed = others.some(({ trouble }) => trouble?.kind === 'failure' || trouble?.kind === 'error');
  if (report.exitCode === 0 || isRed) return [];
  const message = `${outcomeHeadline(report)}: ${reasonsOf(report).why}`;
  return [{ name: 'exit code', trouble: { kind: 'error', type: `exit-code-${String(report.exitCode)}`, message } }];
}

function exclusionCase({ comparison }: GateReport): TestCase {
  const name = 'mutual exclusion';
  // What stored runs once broke is a warning.
  const arms = comparison.arms.filter(({ name: arm }) => comparison.design === 'interleaved' || arm === 'head');
  const runs = arms.flatMap((arm) => arm.runs);
  if (comparison.violations.length > 0 || runs.some((run) => run.contractCount > 0 || run.safety === 'violation')) {
    const message = comparison.violations.join(' ') || 'a lock broke mutual exclusion';
    return { name, trouble: { kind: 'failure', type: 'violation', message } };
  }
  const unknown = runs.filter((run) => run.safety === 'unknown').length;
  if (unknown === 0 && runs.length > 0) return { name };
  const message = `unknown in ${String(unknown)} of ${formatThings(runs.length, 'run')}`;
  return { name, trouble: { kind: 'skipped', type: 'unknown', message } };
}

function caseLines({ name, trouble }: TestCase, classname: string): string[] {
  // All cases come from the same runs; the suite has their time.
  const opening = `    <testcase ${attributes({ name, classname, time: '0' })}`;
  if (trouble === undefined) return [`${opening}/>`];
  const { kind, type, message } = trouble;
  const described = attributes(kind === 'skipped' ? { message } : { type, message });
  const content = kind === 'skipped' ? '/>' : `>${escapeMarkup(oneLine(message))}</${kind}>`;
  return [`${opening}>`, `      <${kind} ${described}${content}`, '    </testcase>'];
}

/** The gate as plain lines, for those who open a failed suite. */
function outputOf(report: GateReport): string {
  return [
    `${outcomeHeadline(report)}: ${reasonsOf(report).why}`,
    ...decidingRows(report).map(
      (row) => `${row.metric.label}: ${METRIC_OUTCOME_WORDS[row.gated.outcome]}, ${describeChange(row)}`,
    ),
    ...report.thresholds.map((threshold) => `threshold ${threshold.expression}: ${describeGatedThreshold(threshold)}`),
    ...reasonsOf(report).others,
  ]
    .map(oneLine)
    .join('\n');
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeMarkup(oneLine(value))}"`)
    .join(' ');
}
