import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { chartsOf } from './charts.js';
import { LIGHT } from './charts/theme.js';
import { writePngs } from './png-drawings.js';
import { loadPngRenderer, readFonts, type PngRenderer } from './png.js';
import { openLoopRun } from './sample-runs.fixture.js';

const [spectrum] = chartsOf([openLoopRun()]);
let folder = '';
let render: PngRenderer = () => new Uint8Array();
let renderWithout: PngRenderer = render;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'png-'));
  render = await loadPngRenderer(await readFonts());
  renderWithout = await loadPngRenderer([]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** One line of text in a picture of 60 by 20, in the faces that the charts ask for. */
function textPicture(text: string, attributes = ''): string {
  const family = String(LIGHT.config.font).replaceAll('"', '&quot;');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="14" font-size="12" font-family="${family}" ${attributes}>${text}</text></svg>`;
}

function digest(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('hex');
}

describe('a PNG', () => {
  it('is twice as large as its SVG', () => {
    const header = Buffer.from(render(textPicture('x')));
    expect(header.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([120, 40]);
  });

  it('has the bytes that it had on every other machine', () => {
    expect(digest(render(textPicture('p99 −1 µs')))).toBe(
      'f87139144be95503e10fc656addd55383df69270b111ff90bdd7f2075caff2bb',
    );
  });

  // A face without a sign would draw an empty box for it.
  it.each(Array.from('−µ≥≤·→←–×…Ω', (sign) => [sign]))('draws %s unlike a sign that no face has', (sign) => {
    expect(digest(render(textPicture(sign)))).not.toBe(digest(render(textPicture('\u{10fffd}'))));
  });

  it('writes in bold where the chart does', () => {
    expect(digest(render(textPicture('knee', 'font-weight="bold"')))).not.toBe(digest(render(textPicture('knee'))));
  });

  it('writes with nothing but the fonts of this package', () => {
    expect(digest(renderWithout(textPicture('knee')))).toBe(digest(renderWithout(textPicture(''))));
    expect(digest(render(textPicture('knee')))).not.toBe(digest(render(textPicture(''))));
  });
});

describe('the pictures of charts', () => {
  it('are one file a chart, and the same bytes when drawn again', async () => {
    expect(spectrum).toBeDefined();
    const chart = spectrum!;
    const first = path.join(folder, 'first', 'charts');
    expect(await writePngs(first, [chart])).toEqual([path.join(first, `${chart.name}.png`)]);
    await writePngs(path.join(folder, 'second'), [chart]);
    expect(await readdir(first)).toEqual([`${chart.name}.png`]);
    const [one, other] = await Promise.all(
      [first, path.join(folder, 'second')].map((directory) => readFile(path.join(directory, `${chart.name}.png`))),
    );
    expect(digest(one!)).toBe(digest(other!));
    expect(one!.length).toBeGreaterThan(20_000);
  });

  it('are refused in one line where they cannot be written', async () => {
    const file = path.join(folder, 'occupied');
    await writeFile(file, '');
    const refusal = await writePngs(file, [spectrum!]).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as UsageError).message).toMatch(
      /^--png: expected a folder that can be written, got .+occupied: .+; choose/,
    );
    expect((refusal as UsageError).message).not.toContain('\n');
  });
});
