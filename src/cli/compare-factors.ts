/**
 * Reads what `compare` varies: lists of masters, of locks, and of the values of any other flag.
 *
 * @module
 */
import { listLocks } from '../locks/registry.js';
import type { PlannedFactor } from '../plan/design.js';
import { isFileName, labelValues } from './level-labels.js';
import { RUN_OPTIONS } from './options.js';

/** What is varied, and what was wrong with the words. */
export interface ReadFactors {
  readonly factors: PlannedFactor[];
  readonly problems: string[];
}

/** Flags that no list of values makes sense for. */
const NOT_VARIED: ReadonlySet<string> = new Set([
  'out',
  'json',
  'quiet',
  'seed',
  'threshold',
  'endpoint',
  'allow-remote',
  'allow-shared',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'allow-overrun',
]);

/**
 * Reads `--lock a,b`, `--masters 1,3,5` and `--set FLAG=V1,V2`. Values that contain commas themselves are separated by
 * `|`, as in `--set "rtt=1ms,1ms,30ms|1ms,1ms,1ms"`; a single one of them ends with it.
 */
export function readFactors(
  lockText: string | undefined,
  mastersText: string | undefined,
  sets: readonly string[],
): ReadFactors {
  const problems: string[] = [];
  const factors: PlannedFactor[] = [];
  const add = (flag: string, text: string, source: string): void => {
    const read = readFactor(flag, text, source);
    if ('problems' in read) problems.push(...read.problems);
    else if (factors.some(({ name }) => name === flag)) {
      problems.push(`${source}: expected ${flag} to be varied once, got it twice; put all its values into one list`);
    } else factors.push(read);
  };
  if (lockText !== undefined) add('lock', lockText, '--lock');
  if (mastersText !== undefined) add('masters', mastersText, '--masters');
  for (const set of sets) {
    const [, flag, text] = /^(?:--)?([a-z-]+)=(.+)$/s.exec(set) ?? [];
    if (flag === undefined || text === undefined) {
      problems.push(`--set: expected FLAG=VALUE,VALUE such as transport=ioredis,wire, got "${set}"`);
    } else add(flag, text, `--set ${flag}`);
  }
  return { factors, problems };
}

function readFactor(flag: string, text: string, source: string): PlannedFactor | { readonly problems: string[] } {
  const option = RUN_OPTIONS.find((each) => each.flag === flag);
  if (option?.read === undefined || NOT_VARIED.has(flag)) {
    const known = RUN_OPTIONS.filter(({ flag: each, read }) => read !== undefined && !NOT_VARIED.has(each));
    return {
      problems: [`${source}: expected one of ${known.map((each) => each.flag).join(', ')}, got ${flag}`],
    };
  }
  const { read } = option;
  const values = splitValues(text);
  const problems = flag === 'lock' ? findSplitCommands(text, values, source) : [];
  const labels = labelValues(values);
  const levels = values.flatMap((value, index) => {
    const parsed = read([value]);
    if ('value' in parsed) return [{ label: labels[index] ?? value, input: parsed.value }];
    if ('problems' in parsed) problems.push(...parsed.problems.map((problem) => `${source} ${problem}`));
    else problems.push(`${source}: expected ${parsed.expected}, got "${value}"`);
    return [];
  });
  return problems.length > 0 ? { problems } : { name: flag, levels, isCondition: false };
}

function splitValues(text: string): string[] {
  if (!text.includes('|')) return text.split(',').map((value) => value.trim());
  return text
    .replace(/\|\s*$/, '')
    .split('|')
    .map((value) => value.trim());
}

/** A command with commas that was taken apart leaves pieces that are no locks. */
function findSplitCommands(text: string, values: readonly string[], source: string): string[] {
  if (text.includes('|') || !text.includes('process:')) return [];
  const names = new Set(listLocks().map(({ name }) => name));
  return values
    .filter((value) => !/^(npm|process):/.test(value) && !isFileName(value) && !names.has(value))
    .map(
      (piece) =>
        `${source}: expected locks between the commas, got "${piece}"; where a command has commas, ` +
        'separate the locks by |, or put one behind the only one: --lock "process:my-lock --ports 1,2|redlock"',
    );
}
