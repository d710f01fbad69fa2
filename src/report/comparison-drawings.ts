/**
 * The folder of a comparison: its figures, its charts, its page; the folders of its runs lie beside them.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { COMPARISON_SCHEMA_VERSION, type Comparison } from '../model/comparison.js';
import { UsageError } from '../model/errors.js';
import { chartsOfComparison } from './comparison-charts.js';
import { renderComparisonReport } from './comparison-html.js';
import { drawingsOfCharts, PAGE_FILE, toJson, writeInto } from './drawings.js';
import { writeDurably } from './durable-file.js';
import { parseStoredJson, readIfPresent } from './stored-json.js';

const COMPARISON_FILE = 'comparison.json';

/** Writes the figures first and durably, because everything else can be drawn again from them. Returns the paths written. */
export async function writeComparison(directory: string, comparison: Comparison): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const files = [path.join(directory, COMPARISON_FILE)];
  await writeDurably(path.join(directory, COMPARISON_FILE), toJson(comparison));
  const drawings = [
    { name: PAGE_FILE, draw: () => renderComparisonReport(comparison, comparison.title) },
    ...drawingsOfCharts(chartsOfComparison(comparison)),
  ];
  for (const { name, draw } of drawings) {
    const file = path.join(directory, name);
    await writeInto(file, await draw());
    files.push(file);
  }
  return files;
}

/**
 * Reads the comparison of a folder; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredComparison(directory: string): Promise<Comparison | undefined> {
  const file = path.join(directory, COMPARISON_FILE);
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  const parsed = parseStoredJson(file, text, COMPARISON_SCHEMA_VERSION) as Partial<Record<keyof Comparison, unknown>>;
  const lacking = LISTS.filter((key) => !Array.isArray(parsed[key]));
  if (parsed.kind === 'comparison' && lacking.length === 0) return parsed as unknown as Comparison;
  throw new UsageError([
    `${file}: expected a comparison of this tool, got ${lacking.length > 0 ? `one without ${lacking.join(', ')}` : `kind ${JSON.stringify(parsed.kind)}`}; ` +
      'write it anew with redlock-bench compare',
  ]);
}

/** Without these nothing can be shown. */
const LISTS = [
  'metrics',
  'factors',
  'arms',
  'contrasts',
  'predictions',
  'violations',
  'statements',
  'warnings',
] as const;
