/**
 * Gates that tests draw: one of each outcome, one that says nothing, and one whose names break files.
 *
 * @module
 */
import type { Comparison, Effect, Metric } from '../model/comparison.js';
import {
  GATE_SCHEMA_VERSION,
  type GatedMetric,
  type GatedThreshold,
  type GateOutcome,
  type GateReport,
} from '../model/gate.js';
import { seededRandom } from '../model/random.js';
import type { RunResult } from '../model/result.js';
import { completeScenario, type Scenario, type ScenarioInput } from '../model/scenario.js';
import { compareArms } from '../plan/compare.js';
import { mutedComparison } from './sample-comparison.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

const SEED = 42;
const ROUNDS = 10;

/** What separates base and head, how much runs of the same differ, and how long they are: p99.9 takes ten thousand. */
interface Difference {
  readonly slower: number;
  readonly scatter: number;
  readonly leftOutRounds: number;
  readonly operations: number;
}

const DIFFERENCES: Readonly<Record<GateOutcome, Difference>> = {
  pass: { slower: 1, scatter: 0.04, leftOutRounds: 0, operations: 3_000 },
  regression: { slower: 1.3, scatter: 0.06, leftOutRounds: 0, operations: 15_000 },
  inconclusive: { slower: 1.04, scatter: 0.7, leftOutRounds: 0, operations: 3_000 },
  invalid: { slower: 1.1, scatter: 0.1, leftOutRounds: 7, operations: 3_000 },
};

const REASONS: Readonly<Record<GateOutcome, string>> = {
  pass: 'Pass: acquisitions/s not worse than 5 %, p50 response not worse than 5 %, p99 response not worse than 12 %.',
  regression: 'Regression: head is worse than base in p50 response 30 % higher; p99 response 30 % higher.',
  inconclusive:
    'Inconclusive: whether p50 response, p99 response became worse is not from this data; more rounds would narrow it.',
  invalid: 'Invalid: these runs decide nothing, whatever their figures are.',
};

const EXIT_CODES: Readonly<Record<GateOutcome, number>> = { pass: 0, regression: 98, inconclusive: 0, invalid: 96 };

/** A gate of ten rounds with this outcome. */
export async function sampleGate(outcome: GateOutcome, input: ScenarioInput = {}): Promise<GateReport> {
  const comparison = await compareBuilds(DIFFERENCES[outcome], {
    name: 'contended',
    masters: 3,
    keys: { kind: 'uniform', keys: 100 },
    concurrency: 16,
    durationMs: 1_000,
    thresholds: ['acquire.response: p(99)<25ms', 'acquire.successRatio>99.9%'],
    ...input,
  });
  return {
    ...gateOf(comparison),
    outcome,
    statements: [
      REASONS[outcome],
      ...(outcome === 'invalid' ? ['7 of 10 runs of base are left out, and 3 are too few to decide.'] : []),
      'It says nothing about other machines or other loads.',
    ],
    warnings: outcome === 'pass' ? [] : comparison.warnings,
    exitCode: EXIT_CODES[outcome],
  };
}

/** A gate in which no run had a value of anything. */
export async function mutedGate(): Promise<GateReport> {
  const muted = await mutedComparison();
  const comparison = {
    ...muted,
    arms: muted.arms.slice(0, 2).map((arm, place) => ({ ...arm, name: place === 0 ? 'base' : 'head' })),
    contrasts: muted.contrasts.slice(0, 1).map((contrast) => ({ ...contrast, arm: 1, baseline: 0 })),
    factors: [{ name: 'build', levels: ['base', 'head'], isCondition: false }],
  };
  return { ...gateOf(comparison), outcome: 'invalid', statements: ['Nothing was measured.'], exitCode: 96 };
}

/** A gate in which no side ever ran. */
export async function emptyGate(): Promise<GateReport> {
  const report = await mutedGate();
  return { ...report, comparison: { ...report.comparison, arms: [], contrasts: [] } };
}

/** Everything that separates, quotes or ends something in one of the files. */
export const NASTY = `a "quoted" | <b>name</b> & 'more'\nπ→\u0007\u001b[31m, ]]> \`tick\` 東京 \ud800 -- end`;

/** A regression whose scenario, sides, thresholds, sentences and lock carry such names; the head broke mutual exclusion. */
export async function nastyGate(): Promise<GateReport> {
  const report = await sampleGate('regression', { name: NASTY, thresholds: [`acquire.response: p(99)<1ms ${NASTY}`] });
  const [base, head] = report.comparison.arms;
  return {
    ...report,
    title: NASTY,
    base: { kind: 'command', text: NASTY, tool: NASTY, lock: NASTY },
    head: { kind: 'command', text: NASTY, tool: null, lock: null },
    commit: NASTY,
    calibration: { file: NASTY, startedAt: '2026-01-01T00:00:00.000Z' },
    comparison: {
      ...report.comparison,
      metrics: report.comparison.metrics.map((metric) =>
        metric.name === 'responseP90' ? { ...metric, label: `p90 ${NASTY}` } : metric,
      ),
      violations: [`head broke mutual exclusion: ${NASTY}`],
      arms: [
        base!,
        {
          ...head!,
          runs: head!.runs.map((run, index) => ({
            ...run,
            crossed: index < 2 ? head!.scenario.thresholds : [],
            contractCount: index === 0 ? 2 : 0,
            safety: index === 0 ? 'violation' : run.safety,
          })),
        },
      ],
    },
    statements: [NASTY, `head broke mutual exclusion: ${NASTY}`],
    warnings: [NASTY],
    exitCode: 3,
  };
}

function gateOf(comparison: Comparison): GateReport {
  return {
    schemaVersion: GATE_SCHEMA_VERSION,
    kind: 'gate',
    title: 'head against base',
    startedAt: '2026-01-02T03:04:05.678Z',
    outcome: 'pass',
    isStrict: false,
    base: { kind: 'command', text: 'npx redlock-bench@0.1.0', tool: 'redlock-bench 0.1.0', lock: 'redlock 0.1.0' },
    head: { kind: 'settings', text: '--transport wire', tool: 'redlock-bench 0.2.0', lock: 'redlock 0.2.0' },
    calibration: { file: 'calibration.json', startedAt: '2026-01-01T00:00:00.000Z' },
    environment: simulateRun().result.environment,
    commit: '0123456789abcdef0123456789abcdef01234567',
    comparison,
    metrics: comparison.metrics.map((metric) => gatedMetric(metric, comparison.contrasts[0]?.effects ?? [])),
    thresholds: thresholdsOf(comparison),
    plannedRounds: ROUNDS,
    tookSeconds: 412.3,
    statements: [],
    warnings: comparison.warnings,
    exitCode: 0,
  };
}

/** As many runs crossed it as say so; a value in the middle of what would. */
function thresholdsOf({ arms }: Comparison): GatedThreshold[] {
  const head = arms.find(({ name }) => name === 'head');
  const runs = head?.runs.filter(({ leftOut }) => leftOut === null) ?? [];
  return (head?.scenario.thresholds ?? []).map((expression): GatedThreshold => {
    const crossed = runs.filter((run) => run.crossed.includes(expression)).length;
    const value = expression.endsWith('%') ? 0.9995 : 4_200_000;
    return { expression, runs: runs.length, crossed, value, passed: crossed * 2 <= runs.length };
  });
}

const OUTCOMES = {
  better: 'improvement',
  worse: 'regression',
  'no-difference': 'pass',
  inconclusive: 'inconclusive',
  'not-compared': 'not-compared',
} as const;

function gatedMetric({ name, minEffect }: Metric, effects: readonly Effect[]): GatedMetric {
  const verdict = effects.find((effect) => effect.metric === name)?.verdict ?? 'not-compared';
  const isRaised = name === 'responseP99';
  return {
    metric: name,
    outcome: OUTCOMES[verdict],
    minEffect: isRaised ? 0.124 : minEffect,
    minEffectFrom: isRaised ? 'calibration' : 'metric',
  };
}

async function compareBuilds(difference: Difference, input: ScenarioInput): Promise<Comparison> {
  const labels = ['base', 'head'];
  const plan = {
    title: 'head against base',
    factors: [{ name: 'build', isCondition: false, levels: labels.map((label) => ({ label, input: {} })) }],
    arms: labels.map((name) => ({ name, levels: { build: name }, scenario: completeScenario(input, SEED) })),
    rounds: ROUNDS,
    seed: SEED,
    remarks: [],
    minEffect: undefined,
  };
  const { comparison } = await compareArms(
    plan,
    (scenario, { arm, round, directory }) =>
      Promise.resolve(buildRun(scenario, arm.name === 'head', round, directory, difference)),
    new AbortController().signal,
  );
  return comparison;
}

function buildRun(
  scenario: Scenario,
  isHead: boolean,
  round: number,
  directory: string,
  { slower, scatter, leftOutRounds, operations }: Difference,
): RunResult {
  const noise = seededRandom(scenario.seed, isHead ? 1 : 0);
  const luck = Math.exp(scatter * (noise.next() - 0.5));
  const factor = luck * (isHead ? slower : 1);
  const { result } = simulateRun({
    seed: scenario.seed * 10 + (isHead ? 1 : 0),
    scenario,
    intervals: 1,
    perInterval: operations / factor,
    medianMs: 0.9 * factor,
    spread: 0.3,
    granted: 0.999,
    gaveUpMs: 900,
  });
  const share = result.acquire.counts.acquired / (scenario.concurrency ?? 1);
  const isLate = round <= leftOutRounds;
  return {
    ...result,
    runId: directory,
    fairness: { jain: 0.998, minPerClient: Math.floor(share * 0.9), maxPerClient: Math.ceil(share * 1.1) },
    lock: { name: 'redlock', version: '0.1.0', isUnsafe: false, flaw: null },
    health: isLate ? { ...result.health, verdict: 'invalid', reasons: ['the generator was late'] } : result.health,
    exitCode: isLate ? 96 : 0,
  };
}
