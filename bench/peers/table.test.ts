import { expect, it } from 'vitest';
import { judgeFigure } from './row-group.js';
import { describeTargets, layOut } from './table.js';

it('lays a table out as Markdown, figures to the right', () => {
  expect(
    layOut(
      ['who', 'pairs/s'],
      [
        ['ours', '36,000'],
        ['a', '5'],
      ],
    ),
  ).toBe(['who  | pairs/s', '---- | ------:', 'ours |  36,000', 'a    |       5'].join('\n'));
});

it('shows every target with its ratio and verdict, and counts those that were met', () => {
  const text = describeTargets([
    {
      measured: 'pairs/s',
      ours: '36,000',
      against: '4,500 redlock 4',
      figure: 8,
      target: { relation: '>=', value: 6, unit: 'x' },
      isMet: true,
    },
    judgeFigure('Jain index', '0.910', 0.91, { relation: '>=', value: 0.95 }),
  ]);
  const cells = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  expect(cells).toContainEqual(['pairs/s', '36,000', '4,500 redlock 4', '8.00x', '>= 6x', 'pass']);
  expect(cells).toContainEqual(['Jain index', '0.910', '-', '-', '>= 0.95', 'FAIL']);
  expect(text).toContain('1 of 2 met');
});
