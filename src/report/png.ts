/**
 * Turns an SVG into a PNG with fonts of its own, so that a picture has the same bytes on every machine.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { EnvironmentError, toError } from '../model/errors.js';

/** Draws an SVG at twice its size, which is sharp on dense screens and in documents. */
export type PngRenderer = (svg: string) => Uint8Array;

/** Weights that the charts ask for. Resvg reads no WOFF, and draws no text at all, silently, where it has no font. */
const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];
const FONT_FAMILY = 'DejaVu Sans';
const ZOOM = 2;

/** The fonts that come with this package. Throws EnvironmentError where they are missing. */
export function readFonts(): Promise<Uint8Array[]> {
  return Promise.all(FONT_FILES.map((file) => readPart(`redlock-bench/fonts/${file}`)));
}

/**
 * Loads resvg, which takes a tenth of a second, hence only where pictures are asked for.
 *
 * @param fonts what it may write with; it never looks for others on this machine
 * @throws EnvironmentError when a part of the installation is missing
 */
export async function loadPngRenderer(fonts: readonly Uint8Array[]): Promise<PngRenderer> {
  const [{ Resvg, initWasm }, program] = await Promise.all([
    import('@resvg/resvg-wasm'),
    readPart('@resvg/resvg-wasm/index_bg.wasm'),
  ]);
  await initWasm(program).catch((thrown: unknown) => {
    // A process can do this once, and nothing tells beforehand whether it has.
    if (!/already initialized/i.test(toError(thrown).message)) throw thrown;
  });
  return (svg) => {
    const picture = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: ZOOM },
      font: { fontBuffers: [...fonts], defaultFontFamily: FONT_FAMILY, sansSerifFamily: FONT_FAMILY },
    });
    try {
      const image = picture.render();
      try {
        return image.asPng();
      } finally {
        image.free();
      }
    } finally {
      picture.free();
    }
  };
}

async function readPart(name: string): Promise<Uint8Array> {
  try {
    return await readFile(createRequire(import.meta.url).resolve(name));
  } catch (thrown) {
    throw new EnvironmentError(
      `--png: expected ${name} in the installation, got ${toError(thrown).message.split('\n')[0] ?? ''}; install redlock-bench anew`,
      { cause: thrown },
    );
  }
}
