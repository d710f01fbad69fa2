/**
 * How often a comparison is wrong, on runs of a real machine: three arms of 60 interleaved runs, stored in
 * `measured-runs.fixture.json`, two of the same lock and one of a copy that is a fifth slower. Its `command` made them.
 */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { type ArmRun, type Metric, type MetricName, METRIC_NAMES } from '../model/comparison.js';
import { keyed } from '../model/keyed.js';
import { randomInteger, seededRandom } from '../model/random.js';
import { armRun } from './arm-run.fixture.js';
import { judgePairs } from './judge.js';
import { declareMetrics } from './metrics.js';

const COMPARISONS = 1_000;
const ROUNDS = 10;

interface MeasuredRuns {
  readonly command: string;
  /** The metrics of each run, in the order of the rounds. */
  readonly arms: Readonly<Record<'lock' | 'sameLock' | 'slowedLock', readonly MeasuredRun[]>>;
}

type MeasuredRun = Readonly<Record<'rate' | 'responseP50' | 'responseP99' | 'success', number>>;

const metrics: readonly Metric[] = declareMetrics(false, undefined);
let measured: MeasuredRuns;

beforeAll(async () => {
  const text = await readFile(new URL('measured-runs.fixture.json', import.meta.url), 'utf8');
  measured = JSON.parse(text) as MeasuredRuns;
});

/** Ten rounds, drawn with replacement, as if they had been run. */
function draw(random: ReturnType<typeof seededRandom>): number[] {
  return Array.from({ length: ROUNDS }, () => randomInteger(random, measured.arms.lock.length));
}

function runsOf(arm: keyof MeasuredRuns['arms'], rounds: readonly number[]): ArmRun[] {
  return rounds.map((round, index) => ({
    ...armRun(index + 1),
    metrics: { ...keyed(METRIC_NAMES, () => null), ...measured.arms[arm][round] },
  }));
}

/** In how many of the comparisons any primary metric was called different, or the named one in this direction. */
function countVerdicts(
  arm: keyof MeasuredRuns['arms'],
  isCounted: (verdicts: ReadonlyMap<MetricName, string>) => boolean,
): number {
  const random = seededRandom(1);
  let counted = 0;
  for (let comparison = 0; comparison < COMPARISONS; comparison++) {
    const rounds = draw(random);
    const sides = [runsOf(arm, rounds), runsOf('lock', rounds)] as const;
    // Two arms of one lock may change places in any round: whatever differs between them then is chance.
    const coins = rounds.map(() => arm === 'sameLock' && random.next() < 0.5);
    const [ofArm, ofLock] = [0, 1].map((side) =>
      rounds.flatMap((_, index) => sides[coins[index] === true ? 1 - side : side]?.[index] ?? []),
    );
    const effects = judgePairs(metrics, ofArm ?? [], ofLock ?? []);
    const primary = effects.filter(({ metric }) => metrics.some(({ name, isPrimary }) => isPrimary && name === metric));
    if (isCounted(new Map(primary.map(({ metric, verdict }) => [metric, verdict])))) counted++;
  }
  return counted / COMPARISONS;
}

it('calls a lock different from itself in at most one comparison of twenty', () => {
  const falseAlarms = countVerdicts('sameLock', (verdicts) =>
    [...verdicts.values()].some((verdict) => verdict === 'better' || verdict === 'worse'),
  );
  expect(falseAlarms).toBeLessThanOrEqual(0.05);
});

it('finds the copy that is a fifth slower in at least four comparisons of five', () => {
  const found = countVerdicts('slowedLock', (verdicts) => verdicts.get('responseP50') === 'worse');
  expect(found).toBeGreaterThanOrEqual(0.8);
});
