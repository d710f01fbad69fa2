import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { RUN_OPTIONS } from './options.js';
import { PRESETS } from './presets.js';
import { NAMED_SCENARIOS } from './scenarios.js';

/** The rows of the table under a heading of a page, without its head. */
async function rowsUnder(page: string, heading: string): Promise<string[]> {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replaceAll(/\s+/g, ' '));
}

describe('the tables of the documentation', () => {
  it('list every flag of run, in the order of --help, with its words and its default', async () => {
    const expected = RUN_OPTIONS.map(({ flag, placeholder, description, defaultText }) => {
      const written = placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`;
      return `| \`${written}\` | ${description} | ${defaultText === undefined ? '' : `${defaultText} `}|`;
    });
    expect(await rowsUnder('docs/flags.md', 'Flags of `run`')).toEqual(expected);
  });

  it('list every named scenario', async () => {
    const expected = NAMED_SCENARIOS.map(({ name, description }) => `| \`${name}\` | ${description} |`);
    expect(await rowsUnder('README.md', 'Named scenarios')).toEqual(expected);
  });

  it('list every preset of compare', async () => {
    const expected = PRESETS.map(({ name, description }) => `| \`${name}\` | ${description} |`);
    expect(await rowsUnder('docs/topology.md', 'Presets')).toEqual(expected);
  });
});
