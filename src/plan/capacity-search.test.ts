import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layGrid } from './capacity-grid.js';
import {
  MOST_MOVES,
  nextProbe,
  standingOf,
  type ProbeAnswer,
  type Probed,
  type SearchSettings,
} from './capacity-search.js';

const USUAL: SearchSettings = {
  fromPerSecond: 100,
  upToPerSecond: 1_000_000,
  precision: 0.05,
  confirmations: 3,
  seed: 7,
};
/** No search may be longer, whatever it is told. */
const MOST_STEPS = 400;

type Answering = (ratePerSecond: number, step: number) => ProbeAnswer;

function play(settings: SearchSettings, answer: Answering): Probed[] {
  const probed: Probed[] = [];
  for (;;) {
    const probe = nextProbe(settings, probed);
    if (probe === undefined) return probed;
    const { purpose, place, ratePerSecond } = probe;
    probed.push({ purpose, place, setting: 0, answer: answer(ratePerSecond, probed.length) });
    expect(probed.length).toBeLessThan(MOST_STEPS);
  }
}

function rates(settings: SearchSettings, probed: readonly Probed[]): [string, number, string][] {
  const grid = layGrid(settings);
  return probed.map(({ purpose, place, answer }) => [purpose, grid.rateAt(place), answer]);
}

const anySettings = fc.record({
  fromPerSecond: fc.integer({ min: 1, max: 5_000 }),
  upToPerSecond: fc.integer({ min: 5_000, max: 1_000_000 }),
  precision: fc.integer({ min: 10, max: 500 }).map((permille) => permille / 1_000),
  confirmations: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer({ min: 0, max: 4_294_967_295 }),
});

it('lays rates that rise, are neighbours within the precision, and end at the highest that is allowed', () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const grid = layGrid(settings);
      expect(grid.rateAt(0)).toBe(settings.fromPerSecond);
      expect(grid.rateAt(grid.highest)).toBe(settings.upToPerSecond);
      for (let place = grid.lowest; place < grid.highest; place++) {
        const ratio = grid.rateAt(place + 1) / grid.rateAt(place);
        expect(ratio).toBeGreaterThan(1);
        expect(ratio).toBeLessThanOrEqual(1 + settings.precision + 1e-9);
      }
      expect(grid.rateAt(grid.lowest)).toBeGreaterThanOrEqual(1);
    }),
  );
});

it('writes rates that people can read', () => {
  const grid = layGrid(USUAL);
  expect([0, 1, 2, 3, 21, 42, 84, 85].map((place) => grid.rateAt(place))).toEqual([
    100, 103, 107, 110, 200, 400, 1_600, 1_650,
  ]);
});

it('doubles until a rate misses, halves the bracket, and repeats both ends', () => {
  const probed = play(USUAL, (rate) => (rate <= 530 ? 'met' : 'missed'));
  const tried = rates(USUAL, probed);
  expect(tried.slice(0, 9)).toEqual([
    ['growth', 100, 'met'],
    ['growth', 200, 'met'],
    ['growth', 400, 'met'],
    ['growth', 800, 'missed'],
    ['bisection', 556, 'missed'],
    ['bisection', 472, 'met'],
    ['bisection', 504, 'met'],
    ['bisection', 521, 'met'],
    ['bisection', 538, 'missed'],
  ]);
  const confirmations = tried.filter(([purpose]) => purpose === 'confirmation');
  expect(confirmations.map(([, rate]) => rate).sort()).toEqual([521, 521, 521, 538, 538, 538]);
  expect(standingOf(USUAL, probed)).toEqual({
    meets: { ratePerSecond: 521, agreed: 3, of: 3 },
    misses: { ratePerSecond: 538, agreed: 3, of: 3 },
    blockedPerSecond: undefined,
  });
});

it('shuffles the repetitions of the two ends by the seed', () => {
  const orders = [1, 2, 3, 4, 5, 6].map((seed) =>
    rates(
      { ...USUAL, seed },
      play({ ...USUAL, seed }, (rate) => (rate <= 530 ? 'met' : 'missed')),
    )
      .slice(-6)
      .map(([, rate]) => rate)
      .join(),
  );
  expect(new Set(orders).size).toBeGreaterThan(3);
});

it('halves when the first rate misses', () => {
  const probed = play(USUAL, (rate) => (rate <= 30 ? 'met' : 'missed'));
  expect(rates(USUAL, probed).slice(0, 3)).toEqual([
    ['growth', 100, 'missed'],
    ['growth', 50, 'missed'],
    ['growth', 25, 'met'],
  ]);
});

it('encloses any truth within the precision, when every answer is true', () => {
  fc.assert(
    fc.property(anySettings, fc.double({ min: 2, max: 900_000, noNaN: true }), (settings, truth) => {
      const probed = play(settings, (rate) => (rate <= truth ? 'met' : 'missed'));
      const { meets, misses } = standingOf(settings, probed);
      if (truth >= settings.upToPerSecond) {
        expect(meets?.ratePerSecond).toBe(settings.upToPerSecond);
        expect(misses).toBeUndefined();
        return;
      }
      expect(misses?.ratePerSecond).toBeGreaterThan(truth);
      expect(misses).toMatchObject({ agreed: settings.confirmations, of: settings.confirmations });
      expect(meets).toMatchObject({ agreed: settings.confirmations, of: settings.confirmations });
      expect(meets?.ratePerSecond).toBeLessThanOrEqual(truth);
      expect(misses?.ratePerSecond).toBeLessThanOrEqual((meets?.ratePerSecond ?? 0) * (1 + settings.precision) + 1e-6);
    }),
  );
});

it('ends, whatever it is answered', () => {
  const answers = fc.array(fc.constantFrom<ProbeAnswer>('met', 'missed', 'invalid'), { minLength: 1, maxLength: 97 });
  fc.assert(
    fc.property(anySettings, answers, (settings, list) => {
      const probed = play(settings, (_, step) => list[step % list.length] ?? 'met');
      const { meets, misses } = standingOf(settings, probed);
      if (meets !== undefined && misses !== undefined) {
        expect(meets.ratePerSecond).toBeLessThan(misses.ratePerSecond);
      }
    }),
    { numRuns: 500 },
  );
});

it('moves on when the repetitions contradict an end, with a growing stride, and narrows down again', () => {
  // One unlucky step at 800: what is true is 2,000.
  const probed = play(USUAL, (rate, step) => (rate <= 2_000 && step !== 3 ? 'met' : 'missed'));
  const { meets, misses } = standingOf(USUAL, probed);
  expect(probed[3]).toMatchObject({ purpose: 'growth', answer: 'missed' });
  expect(meets).toMatchObject({ agreed: 3, of: 3 });
  expect(misses).toMatchObject({ agreed: 3, of: 3 });
  expect(meets?.ratePerSecond).toBeLessThanOrEqual(2_000);
  expect(misses?.ratePerSecond).toBeGreaterThan(2_000);
  expect(probed.length).toBeLessThan(50);
});

it('moves down when the lower end does not hold', () => {
  const probed = play(USUAL, (rate, step) => (rate <= (step < 9 ? 530 : 300) ? 'met' : 'missed'));
  const { meets, misses } = standingOf(USUAL, probed);
  expect(meets).toMatchObject({ agreed: 3, of: 3 });
  expect(meets?.ratePerSecond).toBeLessThanOrEqual(300);
  expect(misses?.ratePerSecond).toBeGreaterThan(300);
});

it('leaves it at that when the answers go on contradicting each other, and says how few agreed', () => {
  const probed = play(USUAL, (rate, step) => (step < 9 ? (rate <= 530 ? 'met' : 'missed') : 'met'));
  // All repetitions say met: the search climbs to the highest rate, which meets too.
  expect(standingOf(USUAL, probed)).toMatchObject({
    meets: { ratePerSecond: 1_000_000, agreed: 3 },
    misses: undefined,
  });
  const opposed = play(USUAL, (rate, step) => {
    const truth: ProbeAnswer = rate <= 530 ? 'met' : 'missed';
    const lie: ProbeAnswer = rate <= 530 ? 'missed' : 'met';
    return step < 9 || step % 2 === 0 ? truth : lie;
  });
  expect(MOST_MOVES).toBe(4);
  expect(opposed.length).toBeLessThan(100);
});

it('keeps below what the generator could not offer, and calls its answer a lower bound', () => {
  const probed = play(USUAL, (rate) => (rate <= 1_000 ? 'met' : 'invalid'));
  const { meets, misses, blockedPerSecond } = standingOf(USUAL, probed);
  expect(misses).toBeUndefined();
  expect(meets).toMatchObject({ agreed: 3, of: 3 });
  expect(meets?.ratePerSecond).toBeLessThanOrEqual(1_000);
  expect(blockedPerSecond).toBeGreaterThan(1_000);
  expect(probed.filter(({ purpose }) => purpose === 'confirmation').every(({ answer }) => answer === 'met')).toBe(true);
});

it('still finds the limit of the masters below what the generator could not offer', () => {
  const probed = play(USUAL, (rate) => (rate > 1_500 ? 'invalid' : rate <= 1_000 ? 'met' : 'missed'));
  const { meets, misses, blockedPerSecond } = standingOf(USUAL, probed);
  expect(blockedPerSecond).toBeUndefined();
  expect(meets?.ratePerSecond).toBeLessThanOrEqual(1_000);
  expect(misses?.ratePerSecond).toBeGreaterThan(1_000);
});

it('repeats under the new setting what was confirmed under an old one', () => {
  const probed: Probed[] = [];
  for (;;) {
    const probe = nextProbe(USUAL, probed);
    if (probe === undefined) break;
    const { purpose, place, ratePerSecond } = probe;
    // The generator is changed in the middle of the confirmations.
    probed.push({
      purpose,
      place,
      setting: probed.length < 11 ? 0 : 1,
      answer: ratePerSecond <= 530 ? 'met' : 'missed',
    });
  }
  const confirmations = probed.filter(({ purpose }) => purpose === 'confirmation');
  const [before, after] = [0, 1].map((setting) => confirmations.filter((each) => each.setting === setting).length);
  expect(before).toBeGreaterThan(0);
  expect(after).toBe(6);
  expect(standingOf(USUAL, probed).meets).toMatchObject({ agreed: 3, of: 3 });
});

it('gives up on a generator that can offer none of three rates', () => {
  const probed = play(USUAL, () => 'invalid');
  expect(rates(USUAL, probed).map(([, rate]) => rate)).toEqual([100, 50, 25]);
  expect(standingOf(USUAL, probed)).toEqual({ meets: undefined, misses: undefined, blockedPerSecond: 25 });
});

it('does not take confirmations that could not be offered for rates that could not', () => {
  // The lower end is refused when it is repeated, which moves it down; four places below it can be offered again.
  let confirmations = 0;
  const probed: Probed[] = [];
  for (;;) {
    const probe = nextProbe(USUAL, probed);
    if (probe === undefined) break;
    const { purpose, place, ratePerSecond } = probe;
    if (purpose === 'confirmation') confirmations++;
    const isRefused = confirmations > 0 && ratePerSecond > 460;
    probed.push({
      purpose,
      place,
      setting: 0,
      answer: isRefused ? 'invalid' : ratePerSecond <= 530 ? 'met' : 'missed',
    });
  }
  const { meets } = standingOf(USUAL, probed);
  expect(meets?.ratePerSecond).toBeLessThanOrEqual(460);
  expect(meets?.ratePerSecond).toBeGreaterThan(400);
  expect(meets).toMatchObject({ agreed: 3, of: 3 });
});

it('falls back to the highest rate that met when the lower end was moved and nothing below can be offered', () => {
  let answers = 0;
  const probed = play({ ...USUAL, confirmations: 1 }, (rate) => {
    // From the first confirmation on the generator can offer nothing.
    answers++;
    return answers > 9 ? 'invalid' : rate <= 530 ? 'met' : 'missed';
  });
  const { meets } = standingOf({ ...USUAL, confirmations: 1 }, probed);
  expect(meets).toMatchObject({ agreed: 0, of: 0 });
  expect(meets?.ratePerSecond).toBeLessThan(521);
});
