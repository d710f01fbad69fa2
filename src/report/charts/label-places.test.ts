import { describe, expect, it } from 'vitest';
import { placeLabels, type NamedPoint } from './label-places.js';

const point = (x: number, y: number, rank = 0, text = '33ms'): NamedPoint => ({ x, y, rank, text });
const place = (points: readonly NamedPoint[]) => placeLabels(points, 700, 300);

describe('the names of points', () => {
  it('stand above a point that is alone, and inside of the plot at its edges', () => {
    expect(place([point(0.5, 0.5)])).toEqual(['above']);
    expect(place([point(0.5, 0.01)])).toEqual(['below']);
    expect(place([point(0.5, 0.06)])).toEqual(['right']);
    expect(place([point(0.999, 0.05)])).toEqual(['left']);
  });

  it('never cover each other or another point, and the most important one is placed first', () => {
    const crowd = Array.from({ length: 9 }, (_, index) => point(0.5 + index * 0.004, 0.5, 9 - index));
    const places = place(crowd);
    expect(places.at(-1)).toBe('above');
    expect(places.filter((each) => each !== null).length).toBeLessThan(5);
    expect(place([point(0.5, 0.5), point(0.5, 0.5 - 14 / 300, 1, '')])).toEqual(['right', null]);
  });

  it('stand beyond the end of a vertical bar, and beside those of others', () => {
    const barred: NamedPoint = { ...point(0.5, 0.5), bar: { top: 0.02, bottom: 0.97 } };
    expect(place([barred])).toEqual(['right']);
    const beside: NamedPoint = { ...point(0.52, 0.5, 1, ''), bar: { top: 0.1, bottom: 0.9 } };
    expect(place([barred, beside])).toEqual(['left', null]);
  });
});
