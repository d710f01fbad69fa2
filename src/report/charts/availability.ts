/**
 * What was left of a lock's rate while each fault lasted, and how soon it was back.
 *
 * @module
 */
import { formatShare } from '../../model/figure-text.js';
import type { RunResult } from '../../model/result.js';
import { nameFault } from '../fault-words.js';
import { NONE } from '../figures.js';
import { describeRecovery, formatLevel } from '../recovery-words.js';
import { recoveriesOf } from '../recoveries.js';
import { composeChart, emptyChart, frameOf, type Chart, type PositionFieldDef } from './chart.js';
import { faultColour } from './fault-bands.js';
import { having, nameLayer, rowAxis, rowName, sayingLayers, textTooltip } from './rows.js';

const ROW_PX = 40;

/** One bar for each fault: the rate while it lasted, as a share of the rate before. */
export function availabilityPerFault(result: RunResult): Chart {
  const recoveries = recoveriesOf(result);
  const frame = frameOf([result], 'availability', 'Rate while each fault lasted, as a share of the rate before', [
    'at the right: how soon after the heal the rate was back at 80 % of before, to the second',
  ]);
  if (recoveries.length === 0) return emptyChart(frame, 'No fault took effect.');
  const rows = recoveries.map((recovery, index) => {
    const { fault, shareOfRate, shareAcquired } = recovery;
    const back = describeRecovery(recovery);
    return {
      name: rowName(nameFault(fault)),
      nameY: index + 0.25,
      from: index + 0.5,
      to: index + 0.9,
      share: shareOfRate === null ? null : Math.min(shareOfRate, MOST_SHARE),
      colour: faultColour(fault.kind),
      said: `${shareOfRate === null ? 'rate unknown' : formatLevel(shareOfRate)} · ${back.long}`,
      saidShortly: `${shareOfRate === null ? NONE : formatLevel(shareOfRate)} · ${back.short}`,
      fault: fault.fault,
      'rate of before': shareOfRate === null ? NONE : formatLevel(shareOfRate),
      acquired: shareAcquired === null ? NONE : formatShare(shareAcquired),
      back: back.long,
      proof: fault.proof,
    };
  });
  const x: PositionFieldDef = {
    field: 'share',
    type: 'quantitative',
    scale: { domain: [0, MOST_SHARE], nice: false },
    axis: { title: 'share of the rate before', format: '.0%', values: [0, 0.2, 0.4, 0.6, 0.8, 1], grid: false },
  };
  return composeChart(frame, {
    heightPx: ROW_PX * rows.length,
    rows,
    layers: [
      {
        transform: having('share'),
        mark: { type: 'rect', clip: true },
        encoding: {
          x,
          x2: { datum: 0 },
          y: rowAxis('from', rows.length),
          y2: { field: 'to' },
          color: { field: 'colour', type: 'nominal', scale: null, legend: null },
          tooltip: textTooltip(['fault', 'rate of before', 'acquired', 'back', 'proof']),
        },
      },
      nameLayer(rows.length),
      ...sayingLayers(rows.length),
    ],
  });
}

/** A rate that rose under a fault is drawn up to here; its figure says the rest. */
const MOST_SHARE = 1.1;
