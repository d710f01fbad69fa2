import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import yargs, { type Argv } from 'yargs';
import { beforeAll, describe, expect, it } from 'vitest';
import { splitWords } from '../model/command-words.js';
import { GuardError, UsageError } from '../model/errors.js';
import { completeScenario, validateScenario } from '../model/scenario.js';
import { calibrateHelp } from './calibrate-help.js';
import { capacityHelp } from './capacity-help.js';
import { readCapacityPlan } from './capacity-request.js';
import { chaosHelp } from './chaos-help.js';
import { readChaosRequest } from './chaos-request.js';
import { compareHelp } from './compare-help.js';
import { doctorHelp } from './doctor-help.js';
import { readRequest } from './compare-request.js';
import { readGate } from './gate-request.js';
import { gateHelp } from './gate-help.js';
import { bindSides } from './gate-sides.js';
import { locksHelp } from './locks-help.js';
import { readOptions, type RawArguments } from './options.js';
import { overlay } from './overlay.js';
import { reportHelp } from './report-help.js';
import { runHelp } from './run-help.js';
import { findScenario } from './scenarios.js';
import { readSingleScenario } from './single-scenario.js';
import { upHelp } from './up-help.js';
import { tuneHelp } from './tune-help.js';
import { readTuning } from './tune-request.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a command reads of its words before anything is started, and how it explains them. */
interface Documented {
  readonly words: string;
  readonly help: (cli: Argv) => Argv<unknown>;
  readonly read: (raw: RawArguments) => unknown;
}

const nothing = (): void => undefined;

const COMMANDS: Readonly<Record<string, Documented>> = {
  run: { words: '[scenario]', help: runHelp, read: readRun },
  compare: { words: '[scenario]', help: compareHelp, read: readRequest },
  capacity: { words: '[scenario]', help: capacityHelp, read: readCapacityPlan },
  tune: { words: '[scenario]', help: tuneHelp, read: readTuning },
  calibrate: { words: '[scenario]', help: calibrateHelp, read: (raw) => readSingleScenario('calibrate', raw) },
  gate: { words: '[scenario]', help: gateHelp, read: readGate },
  chaos: {
    words: '[experiments..]',
    help: chaosHelp,
    read: (raw) => (raw['list'] === true ? undefined : readChaosRequest(raw)),
  },
  report: { words: '<dir..>', help: reportHelp, read: nothing },
  up: { words: '', help: upHelp, read: readOptions },
  locks: { words: '', help: locksHelp, read: nothing },
  doctor: { words: '', help: doctorHelp, read: nothing },
};

/** As `run` does it, without asking a lock. */
function readRun(raw: RawArguments): void {
  const input = readOptions(raw);
  const problems = findScenario(raw['scenario'] as string | undefined).runs.flatMap((run) =>
    validateScenario(completeScenario(overlay(run, input), 1)),
  );
  if (problems.length > 0) throw new UsageError(problems);
}

interface Page {
  /** From the root of the checkout. */
  readonly name: string;
  readonly text: string;
}

const pages: Page[] = [];

beforeAll(async () => {
  const docs = existsSync(path.join(ROOT, 'docs')) ? await readdir(path.join(ROOT, 'docs')) : [];
  const names = ['README.md', 'results/README.md', 'drivers/README.md', 'compose/README.md', 'src/redlock/README.md'];
  for (const name of [...names, ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)]) {
    const file = path.join(ROOT, name);
    if (existsSync(file)) pages.push({ name, text: await readFile(file, 'utf8') });
  }
});

describe('the documentation', () => {
  it('has a page for each user, and lists every page where people begin', () => {
    const readme = pages.find(({ name }) => name === 'README.md')?.text ?? '';
    const listed = pages.map(({ name }) => name).filter((name) => name.startsWith('docs/'));
    for (const name of ['capacity', 'ci', 'topology', 'timeouts', 'chaos', 'how-it-measures', 'contributing']) {
      expect(listed).toContain(`docs/${name}.md`);
    }
    expect(listed.filter((name) => !readme.includes(`(${name}`))).toEqual([]);
  });

  it('names only commands that the command line takes as they are written', async () => {
    const lines = new Set(pages.flatMap(({ text }) => commandLinesIn(text)));
    const problems: string[] = [];
    for (const line of lines) {
      const problem = await problemOf(line);
      if (problem !== undefined) problems.push(`${line}: ${problem}`);
    }
    expect(problems).toEqual([]);
    expect(lines.size).toBeGreaterThan(40);
  });

  it('need not tell exit codes: the help of every command does, and shows no default that is none', async () => {
    for (const name of Object.keys(COMMANDS)) {
      const help = await helpOf(name);
      expect(help, name).not.toContain('[default: []]');
      // It holds masters, and ends as everything does that Ctrl-C ends.
      if (name !== 'up') expect(help, name).toMatch(/^Exit codes:\n +0 /m);
    }
  });

  it('names only flags that some command knows', () => {
    const known = new Set([...Object.keys(COMMANDS).flatMap(flagsOf), 'help', 'version', ...FLAGS_OF_OTHERS]);
    const named = pages.flatMap(({ name, text }) => [...codeIn(text)].flatMap((code) => flagsIn(code, name)));
    expect(named.filter(({ flag }) => !known.has(flag))).toEqual([]);
  });

  it('names only npm scripts that package.json has', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = pages.flatMap(({ name, text }) =>
      [...text.matchAll(/npm run (?:-s |--silent )?([a-z][\w:-]*)/g)].map(([, script = '']) => ({ name, script })),
    );
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
  });

  it('links only to files and headings that are there', async () => {
    const broken: string[] = [];
    for (const page of pages) {
      for (const target of linksIn(page.text)) {
        if (/^(https?|mailto):/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const place = file === '' ? path.join(ROOT, page.name) : path.join(ROOT, path.dirname(page.name), file);
        if (!existsSync(place)) broken.push(`${page.name}: ${target}`);
        else if (anchor !== undefined && !anchorsIn(await readFile(place, 'utf8')).includes(anchor)) {
          broken.push(`${page.name}: ${target}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('names only sources that are there', () => {
    const gone = pages.flatMap(({ name, text }) =>
      [...codeIn(text)]
        .filter(
          (code) => /^(src|bench|scripts|docs|drivers|compose|results)\/[\w./*-]+$/.test(code) && !code.includes('*'),
        )
        // What a run leaves is not there until somebody runs it.
        .filter((code) => !code.startsWith('results/') && !existsSync(path.join(ROOT, code)))
        .map((code) => `${name}: ${code}`),
    );
    expect(gone).toEqual([]);
  });

  it('names only figures that a result has', async () => {
    const schema: unknown = JSON.parse(await readFile(path.join(ROOT, 'results/result.schema.json'), 'utf8'));
    const keys = new Set(keysOf(schema));
    const wrong = pages.flatMap(({ name, text }) =>
      [...codeIn(text)]
        .filter((code) => /^(acquire|release|hold|handoff|attempts|fairness|health|safety|masters)(\.\w+)+$/.test(code))
        .filter((code) => !code.split('.').every((key) => keys.has(key) || /^\d+$/.test(key)))
        .map((code) => `${name}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });

  it('names only files that a command writes', async () => {
    const sources = await Promise.all(
      (await readdir(path.join(ROOT, 'src'), { recursive: true }))
        .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
        .map((file) => readFile(path.join(ROOT, 'src', file), 'utf8')),
    );
    const written = sources.join('\n');
    const wrong = pages.flatMap(({ name, text }) =>
      [...codeIn(text)]
        .filter((code) => /^[a-z-]+\.(json|jsonl|csv|xml|hlog|html)$/.test(code))
        .filter((code) => !written.includes(`'${code}'`) && !FILES_OF_OTHERS.has(code))
        .map((code) => `${name}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Of node, npm, docker and of the benchmark of the peers, which have command lines of their own. */
const FLAGS_OF_OTHERS = ['rows', 'file', 'ignore-scripts', 'redraw'];
/** Files that are read and not written, or published with the package. */
const FILES_OF_OTHERS = new Set(['package.json', 'result.schema.json', 'chaos.schema.json', 'knip.json']);

/** Lines that start this program, in blocks and in the running text; there a name alone stands for the command. */
function commandLinesIn(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) => block.split('\n'));
  const spans = [...codeIn(text)].map((code) => code.replace(/^redlock-bench [a-z]+$/, '$& --help'));
  return [...blocks, ...spans].flatMap((line) => {
    const [, words] =
      /^[\s$-]*(?:run: )?(?:npx |npm start -- )?(?:redlock-bench|node \S*dist\/src\/cli\/main\.js) (.+)$/.exec(line) ??
      [];
    // A sentence about the command, or a line that leaves something out, is no command.
    if (words === undefined || words.includes('…') || /^[A-Z]/.test(words)) return [];
    return [withoutRest(words)];
  });
}

/** Without a comment, a pipe and a redirection. */
function withoutRest(words: string): string {
  let quote = '';
  for (let at = 0; at < words.length; at++) {
    const character = words.charAt(at);
    if (quote === '' && /["']/.test(character)) quote = character;
    else if (character === quote) quote = '';
    else if (quote === '' && /[#|>;]/.test(character) && /\s/.test(words.charAt(at - 1)))
      return words.slice(0, at).trim();
  }
  return words.trim();
}

/** Everything between backticks in the running text. */
function codeIn(text: string): Set<string> {
  const running = text.replaceAll(/^ *```\w*\n[\s\S]*?^ *```/gm, '');
  return new Set([...running.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code));
}

function flagsIn(code: string, page: string): { readonly page: string; readonly flag: string }[] {
  // Flags of other programs stand in command lines of theirs.
  if (/^(npm|npx|node|docker|bencher|apt|git|jq|python3|tmux)\b/.test(code) && !code.includes('redlock-bench'))
    return [];
  return [...code.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, flag = '']) => ({
    page,
    flag: flag.replace(/^no-/, ''),
  }));
}

function parserOf(name: string): Argv<unknown> {
  const { words, help } = COMMANDS[name] ?? { words: '', help: (cli: Argv) => cli };
  return yargs()
    .command(`${name} ${words}`.trim(), name, help, nothing)
    .strict()
    .parserConfiguration({ 'parse-numbers': false, 'greedy-arrays': false, 'dot-notation': false })
    .exitProcess(false)
    .fail((message, error) => {
      throw (error as Error | undefined) ?? new UsageError([message]);
    });
}

function helpOf(name: string): Promise<string> {
  return new Promise((resolve) => {
    void parserOf(name).parse([name, '--help'], (_error: unknown, _argv: unknown, output: string) => {
      resolve(output);
    });
  });
}

function flagsOf(name: string): string[] {
  const { help } = COMMANDS[name] ?? { help: (cli: Argv) => cli };
  const options = (
    help(yargs()) as unknown as { getOptions(): { key: Readonly<Record<string, unknown>> } }
  ).getOptions();
  return Object.keys(options.key);
}

/** What the command says against its words; undefined when it would begin. */
async function problemOf(line: string): Promise<string | undefined> {
  // A checkout must be there, and would be asked whether it was built: any program stands for it.
  const words = bindSides(splitWords(line) ?? ['unclosed quote']).map((word) =>
    word.replace(/^(--base|--head)=[\w./-]+$/, '$1=node'),
  );
  const [name = ''] = words;
  if (name.startsWith('--'))
    return words.every((word) => ['--help', '--version'].includes(word)) ? undefined : 'no command';
  const command = COMMANDS[name];
  if (command === undefined) return 'no such command';
  if (words.includes('--help')) return undefined;
  try {
    const raw = (await parserOf(name).parseAsync(words)) as RawArguments;
    command.read(raw);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.problems.join('; ');
    if (thrown instanceof GuardError) return thrown.message;
    return String(thrown);
  }
}

function linksIn(text: string): string[] {
  const running = text.replaceAll(/^ *```\w*\n[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]+`/g, '');
  return [...running.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

/** Every property that a schema names, at any depth. */
function keysOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => [
    ...(key === 'properties' || key === '$defs' ? Object.keys(value as object) : []),
    ...keysOf(value),
  ]);
}
