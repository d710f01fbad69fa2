import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderCalibrationReport } from '../calibration-html.js';
import { renderCapacityReport } from '../capacity-html.js';
import { renderChaosReport } from '../chaos-html.js';
import { renderComparisonReport } from '../comparison-html.js';
import { renderGateReport } from '../gate-html.js';
import { renderReport } from '../html.js';
import { sampleCalibration } from '../sample-calibration.fixture.js';
import { brokenCapacity, sampleCapacity } from '../sample-capacity.fixture.js';
import { sampleChaos } from '../sample-chaos.fixture.js';
import { manifoldComparison, sampleComparison, twelveLocks } from '../sample-comparison.fixture.js';
import { nastyGate, sampleGate } from '../sample-gate.fixture.js';
import { comparedRuns, crowdOfRuns } from '../sample-runs.fixture.js';
import { sampleTuning } from '../sample-tuning.fixture.js';
import { renderTuningReport } from '../tuning-html.js';
import { BrowserHarness, expectReadable, locateChromium } from './browser.fixture.js';

const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  'six runs': () => renderReport(comparedRuns(), 'six runs'),
  'twelve runs': () => renderReport(crowdOfRuns(12), 'twelve runs'),
  'thirty runs': () => renderReport(crowdOfRuns(30), 'thirty runs'),
  'a comparison': async () => renderComparisonReport(await sampleComparison(), 'two locks'),
  'a comparison of twelve locks with long names': async () =>
    renderComparisonReport(await twelveLocks(), 'twelve locks'),
  'a comparison under many conditions': async () => renderComparisonReport(await manifoldComparison(), 'conditions'),
  'a capacity': () => renderCapacityReport(sampleCapacity()),
  'a capacity of a broken lock': () => renderCapacityReport(brokenCapacity()),
  'a tuning': () => renderTuningReport(sampleTuning()),
  'a gate': async () => renderGateReport(await sampleGate('regression')),
  'a gate with names that break markup': async () => renderGateReport(await nastyGate()),
  'a calibration': async () => renderCalibrationReport(await sampleCalibration()),
  'fault experiments': () => renderChaosReport(sampleChaos()),
};

describe('the heaviest pages', () => {
  it('stay below 1.5 MB', async () => {
    const made = sampleChaos().experiments.filter(({ verdict }) => verdict !== 'not-run');
    const experiments = Array.from({ length: 34 }, (_, index) => ({
      ...made[index % made.length]!,
      id: `F${String(index)}`,
    }));
    const pages = [await renderReport(crowdOfRuns(100), 'x'), await renderChaosReport(sampleChaos({ experiments }))];
    expect(pages.map((page) => Buffer.byteLength(page)).filter((bytes) => bytes >= 1_500_000)).toEqual([]);
  });
});

describe.skipIf(locateChromium() === undefined)('a page about many runs, in a browser', () => {
  let harness: BrowserHarness;
  beforeAll(async () => {
    harness = await BrowserHarness.launch();
  });
  afterAll(() => harness[Symbol.asyncDispose]());

  it.each(Object.entries(PAGES))(
    'can be read: %s',
    async (_title, render) => {
      await expectReadable(await harness.open(await render()));
      // Thirty runs are many charts and tables for a slow machine.
    },
    180_000,
  );
});
