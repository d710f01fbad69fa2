/**
 * The files that were written, in two lines: the folder, and what is in it.
 *
 * @module
 */
import path from 'node:path';
import { labelled, type Style } from './style.js';

/** Names the folder once and counts what lies in its folders; nothing when nothing was written. */
export function fileLines(files: readonly string[], style: Style): string[] {
  const folder = files
    .map((file) => path.dirname(file))
    .reduce((a, b) => (b.length < a.length ? b : a), files[0] ?? '');
  if (folder === '') return [];
  const names = files.map((file) => path.relative(folder, file));
  const folders = [...new Set(names.filter((name) => name.includes(path.sep)).map((name) => path.dirname(name)))];
  const inFolders = folders.map(
    (each) => `${each}${path.sep} (${String(names.filter((name) => path.dirname(name) === each).length)})`,
  );
  const here = names.filter((name) => !name.includes(path.sep));
  return [
    '',
    ...labelled('files', `${folder}${path.sep}`, style),
    ...labelled('', [...here, ...inFolders].join(' · '), style),
  ];
}
