import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { RUN_OPTIONS } from './options.js';
import { PRESETS } from './presets.js';
import { NAMED_SCENARIOS } from './scenarios.js';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** The rows of the README's table under a heading, without its head. */
function rowsUnder(heading: string): string[] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replaceAll(/\s+/g, ' '));
}

describe('the README', () => {
  it('lists every flag of run, in the order of --help, with its words and its default', () => {
    const expected = RUN_OPTIONS.map(({ flag, placeholder, description, defaultText }) => {
      const written = placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`;
      return `| \`${written}\` | ${description} | ${defaultText === undefined ? '' : `${defaultText} `}|`;
    });
    expect(rowsUnder('Flags of `run`')).toEqual(expected);
  });

  it('lists every named scenario', () => {
    const expected = NAMED_SCENARIOS.map(({ name, description }) => `| \`${name}\` | ${description} |`);
    expect(rowsUnder('Named scenarios')).toEqual(expected);
  });

  it('lists every preset of compare', () => {
    const expected = PRESETS.map(({ name, description }) => `| \`${name}\` | ${description} |`);
    expect(rowsUnder('Comparing')).toEqual(expected);
  });
});
