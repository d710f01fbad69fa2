/**
 * What an acquisition costs each arm: attempts that were granted, split votes, and other attempts in vain.
 *
 * @module
 */
import type { Arm, Comparison } from '../../model/comparison.js';
import { formatAmount, formatCount, formatShare, formatThings } from '../../model/figure-text.js';
import { totalsOf } from '../arm-figures.js';
import { nameArm } from '../comparison-words.js';
import { composeChart, emptyChart, type Chart, type Row } from './chart.js';
import { comparisonFrame } from './comparison-frame.js';
import { having, nameLayer, rowAxis, rowName, sayingLayers, textTooltip } from './rows.js';

const ROW_PX = 44;
const PARTS = ['granted', 'split vote', 'other attempt in vain'] as const;

/** A stacked bar for each arm. */
export function attemptsOfArms(comparison: Comparison): Chart {
  const { arms } = comparison;
  const frame = comparisonFrame(comparison, 'arm-attempts', 'Attempts per acquisition', [
    'attempts of all operations, those that gave up too, over the acquisitions; one fan-out to all masters is an attempt',
    'split vote: nobody reached a quorum although every vote was given',
  ]);
  const rows = arms.flatMap(attemptRows);
  const most = rows.reduce((max, row) => Math.max(max, typeof row['to'] === 'number' ? row['to'] : 0), 0);
  if (most === 0) return emptyChart(frame, 'Nothing was acquired, or no lock told its attempts.');
  const length = arms.length;
  const seen = PARTS.filter((part) => rows.some((row) => row['part'] === part));
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
            scale: { domain: [0, most * 1.02], nice: false },
            axis: { title: 'attempts per acquisition', format: ',~f', tickCount: 6 },
          },
          x2: { field: 'to' },
          y: rowAxis('topY', length),
          y2: { field: 'bottomY' },
          color: {
            field: 'part',
            type: 'nominal',
            scale: { domain: [...PARTS] },
            legend: { columns: 3, values: seen, symbolType: 'square' },
          },
          tooltip: textTooltip(['arm', 'attempt', 'count', 'share']),
        },
      },
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

function attemptRows(arm: Arm, top: number): Row[] {
  const { acquired, attempts, splitVotes } = totalsOf(arm);
  const label = { nameY: top + 0.22, name: rowName(nameArm(arm)) };
  if (attempts === 0 || acquired === 0) {
    const why =
      attempts === 0 ? 'no attempts were counted' : `nothing acquired in ${formatThings(attempts, 'attempt')}`;
    return [{ ...label, said: why, saidShortly: why }];
  }
  const granted = Math.min(acquired, attempts);
  const split = Math.min(splitVotes, attempts - granted);
  const counts = { granted, 'split vote': split, 'other attempt in vain': attempts - granted - split };
  let from = 0;
  const parts = PARTS.flatMap((part): Row[] => {
    const count = counts[part];
    if (count === 0) return [];
    const start = from;
    from = start + count / acquired;
    const figures = {
      arm: nameArm(arm),
      attempt: part,
      count: formatCount(count),
      share: formatShare(count / attempts),
    };
    return [{ topY: top + 0.44, bottomY: top + 0.9, from: start, to: from, part, ...figures }];
  });
  const each = formatAmount(attempts / acquired);
  const said = `${each} each, ${formatThings(splitVotes, 'split vote')} (${formatShare(splitVotes / attempts)} of the attempts)`;
  return [{ ...label, said, saidShortly: each }, ...parts];
}
