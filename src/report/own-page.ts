/**
 * A page may replace an earlier page of this tool, and nothing else.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { readIfPresent } from './stored-json.js';

/** How every page of this tool begins, and what its title ends with. */
const BEGINNING = /^<!doctype html>[^]{0,4000}?· redlock-bench<\/title>/;

/**
 * Makes sure that a file for a page is named like one, and is new or such a page.
 *
 * @throws UsageError
 */
export async function requireOwnPage(file: string): Promise<void> {
  const problem = /\.html?$/i.test(file) ? await foreignText(file) : 'whose ending is another';
  if (problem === undefined) return;
  throw new UsageError([
    `--out: expected a new file whose name ends in .html, or a page of this tool, got ${file}, ${problem}; choose another name`,
  ]);
}

async function foreignText(file: string): Promise<string | undefined> {
  const text = await readIfPresent(file);
  return text === undefined || text === '' || BEGINNING.test(text) ? undefined : 'which holds something else';
}
