import { describe, expect, it } from 'vitest';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './sparkline.js';
import { glyphsOf, isLive, sizeOf, styleOf } from './terminal.js';

function stream(more: object): NodeJS.WriteStream {
  return { isTTY: true, columns: 100, rows: 30, ...more } as unknown as NodeJS.WriteStream;
}

const PIPE = stream({ isTTY: undefined, columns: undefined, rows: undefined });

describe('styleOf', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: 'false' }, false],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'dumb', FORCE_COLOR: '1' }, true],
  ])('paints on a terminal with %j: %s', (environment, color) => {
    expect(styleOf(stream({}), environment)).toEqual({ color, columns: 100 });
  });

  it.each([
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('paints in a pipe with %j: %s', (environment, color) => {
    expect(styleOf(PIPE, environment).color).toBe(color);
  });
});

describe('sizeOf', () => {
  it.each([
    [stream({}), { columns: 100, rows: 30 }],
    [stream({ columns: 0, rows: 0 }), { columns: 80, rows: 24 }],
    [PIPE, { columns: 80, rows: 24 }],
  ])('takes a usual size where none is known (%#)', (where, size) => {
    expect(sizeOf(where)).toEqual(size);
  });
});

describe('isLive', () => {
  it.each([
    [{}, true],
    [{ CI: '' }, true],
    [{ CI: 'false' }, true],
    [{ CI: '0' }, true],
    [{ CI: 'true' }, false],
    [{ CI: '1' }, false],
    [{ TERM: 'dumb' }, false],
  ])('draws again on a terminal with %j: %s', (environment, isDrawn) => {
    expect(isLive(stream({}), environment)).toBe(isDrawn);
    expect(isLive(PIPE, environment)).toBe(false);
  });
});

describe('glyphsOf', () => {
  it.each([
    [{ LANG: 'en_US.UTF-8' }, UNICODE_GLYPHS],
    [{ LANG: 'C.utf8' }, UNICODE_GLYPHS],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, ASCII_GLYPHS],
    [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, UNICODE_GLYPHS],
    [{}, ASCII_GLYPHS],
  ])('has blocks only in a locale of UTF-8: %j', (environment, glyphs) => {
    expect(glyphsOf(environment)).toBe(glyphs);
  });
});
