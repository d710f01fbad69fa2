import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { RUN_OPTIONS } from './options.js';
import { PRESETS } from './presets.js';
import { NAMED_SCENARIOS } from './scenarios.js';

const ROOT = new URL('../../', import.meta.url);

const read = (file: string): Promise<string> => readFile(new URL(file, ROOT), 'utf8');

/** The rows of the tables under a heading of a page, without their heads. */
async function rowsUnder(page: string, heading: string): Promise<string[]> {
  const section = (await read(page)).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
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

  it('list every command, in the order of --help', async () => {
    // Importing it would run it.
    const rows = (await read('src/cli/main.ts')).matchAll(/words: '([^']+)',\s+describe: '([^']+)'/g);
    const completion = /\.completion\('(\w+)', '([^']+)'\)/.exec(await read('src/cli/main.ts')) ?? [];
    const expected = [...rows, completion].map(([, words = '', describes = '']) => `| \`${words}\` | ${describes} |`);
    expect(await rowsUnder('README.md', 'All commands')).toEqual(expected);
  });

  it('list every named scenario', async () => {
    const expected = NAMED_SCENARIOS.map(({ name, description }) => `| \`${name}\` | ${description} |`);
    expect(await rowsUnder('README.md', 'Named scenarios')).toEqual(expected);
  });

  it('list every preset of compare', async () => {
    const expected = PRESETS.map(({ name, description }) => `| \`${name}\` | ${description} |`);
    expect(await rowsUnder('docs/topology.md', 'Presets')).toEqual(expected);
  });

  it('list who may import whom, as the tool that checks it has it', async () => {
    const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
      readonly forbidden: readonly { readonly name: string; readonly comment?: string }[];
    };
    const expected = forbidden
      .filter(({ name }) => name.startsWith('direction-of-'))
      .map(({ comment = '' }) => `| ${comment.replace(' may import ', ' | ')} |`);
    const rows = await rowsUnder('docs/contributing.md', 'The map of the house');
    expect(rows.slice(0, expected.length).map((row) => row.replaceAll('`', ''))).toEqual(expected);
  });

  it('list every script that tests, and every suffix that has one of its own', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { readonly scripts: Record<string, string> };
    const rows = await rowsUnder('docs/contributing.md', 'Tests');
    const timed = rows.flatMap((row) => /^\| `npm run (\S+)` \| .* minutes? \|$/.exec(row)?.[1] ?? []);
    expect(timed).toEqual(expect.arrayContaining(Object.keys(scripts).filter((name) => name.startsWith('test:'))));
    const configs = (await readdir(ROOT)).filter((name) => name.startsWith('vitest.'));
    const globs = (await Promise.all(configs.map(read))).flatMap((text) => [
      ...text.matchAll(/'src\/\*\*\/\*(\.\S+)'/g),
    ]);
    const suffixes = new Set(globs.map(([, suffix = '']) => suffix).filter((suffix) => suffix !== '.test.ts'));
    const explained = rows.flatMap((row) => /^\| `(\.\S+)` \| `npm run test:\w+`/.exec(row)?.[1] ?? []);
    expect(explained.sort()).toEqual([...suffixes].sort());
  });

  it('tell the versions of Node that package.json asks for', async () => {
    const { engines } = JSON.parse(await read('package.json')) as { readonly engines: { readonly node: string } };
    expect(await read('README.md')).toContain(`Node \`${engines.node}\``);
  });
});
