/**
 * Where the names of points can stand without covering each other or another point.
 *
 * @module
 */

/** A point of a plot, with the width and the height of the plot as 1, y from the top. */
export interface NamedPoint {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** The ends of its vertical bar; names above and below stand beyond them. */
  readonly bar?: { readonly top: number; readonly bottom: number } | undefined;
  /** The most important names are placed first; less is more important. */
  readonly rank: number;
}

export type LabelPlace = 'right' | 'left' | 'above' | 'below';

const CHARACTER_PX = 6.6;
const LINE_PX = 14;
const GAP_PX = 8;
const POINT_PX = 6;

interface Centre {
  readonly x: number;
  readonly y: number;
  readonly top: number;
  readonly bottom: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The place of each name in a plot of this size; null where none is free. */
export function placeLabels(
  points: readonly NamedPoint[],
  widthPx: number,
  heightPx: number,
): readonly (LabelPlace | null)[] {
  const centres = points.map(({ x, y, bar }) => ({
    x: x * widthPx,
    y: y * heightPx,
    top: (bar?.top ?? y) * heightPx,
    bottom: (bar?.bottom ?? y) * heightPx,
  }));
  const taken: Box[] = centres.map(({ x, y }) => around(x, y, POINT_PX, POINT_PX));
  const bars = points.flatMap(({ x, bar }) =>
    bar === undefined
      ? []
      : [{ ...around(x * widthPx, 0, 1, 0), top: bar.top * heightPx, bottom: bar.bottom * heightPx }],
  );
  taken.push(...bars);
  const places = points.map((): LabelPlace | null => null);
  const order = points.map((_, index) => index).sort((a, b) => (points[a]?.rank ?? 0) - (points[b]?.rank ?? 0));
  for (const index of order) {
    const [point, centre] = [points[index], centres[index]];
    if (point === undefined || centre === undefined) continue;
    if (point.text === '') continue;
    const own = taken[index];
    for (const place of ['above', 'right', 'below', 'left'] as const) {
      const box = boxOf(place, centre, point.text.length * CHARACTER_PX);
      const isInside = box.left >= 0 && box.right <= widthPx && box.top >= 0 && box.bottom <= heightPx;
      if (!isInside || taken.some((other) => other !== own && overlaps(box, other))) continue;
      places[index] = place;
      taken.push(box);
      break;
    }
  }
  return places;
}

function boxOf(place: LabelPlace, { x, y, top, bottom }: Centre, width: number): Box {
  switch (place) {
    case 'right':
      return { left: x + GAP_PX, right: x + GAP_PX + width, top: y - LINE_PX / 2, bottom: y + LINE_PX / 2 };
    case 'left':
      return { left: x - GAP_PX - width, right: x - GAP_PX, top: y - LINE_PX / 2, bottom: y + LINE_PX / 2 };
    case 'above':
      return around(x, top - GAP_PX - LINE_PX / 2, width / 2, LINE_PX / 2);
    case 'below':
      return around(x, bottom + GAP_PX + LINE_PX / 2, width / 2, LINE_PX / 2);
  }
}

function around(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
