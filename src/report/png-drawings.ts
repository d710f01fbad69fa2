/**
 * Charts as PNG files.
 *
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toError, UsageError } from '../model/errors.js';
import type { Chart } from './charts/chart.js';
import { loadPngRenderer, readFonts } from './png.js';
import { renderSvg } from './render.js';

/**
 * Writes each chart as `NAME.png` into a folder. Returns the paths written.
 *
 * @throws UsageError when a file cannot be written
 */
export async function writePngs(directory: string, charts: readonly Chart[]): Promise<string[]> {
  const render = await loadPngRenderer(await readFonts());
  const files: string[] = [];
  for (const { name, spec } of charts) {
    const file = path.join(directory, `${name}.png`);
    const picture = render(await renderSvg(spec));
    await writePicture(file, picture);
    files.push(file);
  }
  return files;
}

async function writePicture(file: string, picture: Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, picture);
  } catch (thrown) {
    throw new UsageError([
      `--png: expected a folder that can be written, got ${path.dirname(file)}: ${toError(thrown).message}; choose another place with --out`,
    ]);
  }
}
