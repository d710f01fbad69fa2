/**
 * How the operations of each arm ended: the share that acquired, and what became of the rest.
 *
 * @module
 */
import type { Arm, Comparison } from '../../model/comparison.js';
import { formatCount, formatShare } from '../../model/figure-text.js';
import { formatNs } from '../../model/time.js';
import { totalsOf } from '../arm-figures.js';
import { nameArm } from '../comparison-words.js';
import { formatQuantile } from '../figures.js';
import { composeChart, emptyChart, type Chart, type Row } from './chart.js';
import { comparisonFrame } from './comparison-frame.js';
import { having, nameLayer, rowAxis, rowName, sayingLayers, textTooltip } from './rows.js';

const ROW_PX = 44;
const OUTCOMES = ['acquired', 'gave up', 'unfinished', 'dropped'] as const;

/** A stacked bar for each arm, with the time that failures took beside it. */
export function outcomesOfArms(comparison: Comparison): Chart {
  const { arms } = comparison;
  const frame = comparisonFrame(comparison, 'arm-outcomes', 'How operations ended', [
    'all runs that are in together; beside the bars, how long those waited that gave up',
  ]);
  const rows = arms.flatMap(outcomeRows);
  if (rows.every((row) => row['outcome'] === undefined)) return emptyChart(frame, 'No operation was attempted.');
  const length = arms.length;
  const seen = OUTCOMES.filter((outcome) => rows.some((row) => row['outcome'] === outcome));
  return composeChart(frame, {
    heightPx: ROW_PX * length,
    rows,
    layers: [
      {
        transform: having('from'),
        mark: { type: 'rect', clip: true, opacity: 0.9 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            scale: { domain: [0, 1], nice: false },
            axis: { title: 'share of the operations', format: '.0%', tickCount: 5 },
          },
          x2: { field: 'to' },
          y: rowAxis('topY', length),
          y2: { field: 'bottomY' },
          color: {
            field: 'outcome',
            type: 'nominal',
            scale: { domain: [...OUTCOMES] },
            legend: { columns: 4, values: seen, symbolType: 'square' },
          },
          tooltip: textTooltip(['arm', 'outcome', 'operations', 'share']),
        },
      },
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

function outcomeRows(arm: Arm, top: number): Row[] {
  const totals = totalsOf(arm);
  const { acquired, intended, gaveUp, unfinished, dropped } = totals;
  const counts = { acquired, 'gave up': gaveUp, unfinished, dropped };
  let from = 0;
  const parts = OUTCOMES.flatMap((outcome): Row[] => {
    const count = counts[outcome];
    if (count === 0 || intended === 0) return [];
    const start = from;
    from = Math.min(1, start + count / intended);
    return [
      {
        topY: top + 0.44,
        bottomY: top + 0.9,
        from: start,
        to: from,
        outcome,
        arm: nameArm(arm),
        operations: formatCount(count),
        share: formatShare(count / intended),
      },
    ];
  });
  const share = intended === 0 ? 'nothing attempted' : `${formatShare(acquired / intended)} acquired`;
  return [
    { nameY: top + 0.22, name: rowName(nameArm(arm)), said: describeFailures(arm, share), saidShortly: share },
    ...parts,
  ];
}

function describeFailures({ gaveUp }: Arm, share: string): string {
  if (gaveUp.count === 0) return `${share}, none gave up`;
  return `${share}, ${formatCount(gaveUp.count)} gave up (p50 ${formatQuantile(gaveUp.p50Ns, 0.5, gaveUp)}, max ${formatNs(gaveUp.maxNs)})`;
}
