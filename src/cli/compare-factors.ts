/**
 * Reads what `compare` varies: lists of masters, of locks, and of the values of any other flag.
 *
 * @module
 */
import type { PlannedFactor } from '../plan/design.js';
import { RUN_OPTIONS } from './options.js';

/** What is varied, and what was wrong with the words. */
export interface ReadFactors {
  readonly factors: PlannedFactor[];
  readonly problems: string[];
}

/** Flags that no list of values makes sense for. */
const NOT_VARIED = new Set(['out', 'json', 'quiet', 'seed', 'threshold', 'endpoint', 'allow-remote', 'allow-shared']);

/**
 * Reads `--lock a,b`, `--masters 1,3,5` and `--set FLAG=V1,V2`. Values that contain commas themselves are separated by
 * `|`, as in `--set "rtt=1ms,1ms,30ms|1ms,1ms,1ms"`.
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
  const problems: string[] = [];
  const seen = new Map<string, number>();
  const levels = text.split(text.includes('|') ? '|' : ',').flatMap((value) => {
    const parsed = read([value.trim()]);
    if (!('value' in parsed)) {
      problems.push(`${source}: expected ${parsed.expected}, got "${value}"`);
      return [];
    }
    const label = labelOf(value.trim());
    const repetition = (seen.get(label) ?? 0) + 1;
    seen.set(label, repetition);
    // The same twice is no mistake: A against A tells what the machine's noise looks like.
    return [{ label: repetition === 1 ? label : `${label} (${String(repetition)})`, input: parsed.value }];
  });
  return problems.length > 0 ? { problems } : { name: flag, levels, isCondition: false };
}

const MOST_LABEL_CHARACTERS = 48;

/** A value as a name: of a path its last part, of a long command its beginning. */
function labelOf(value: string): string {
  const name = /^(\.{1,2}\/|\/|file:)/.test(value) ? (value.split('/').at(-1) ?? value) : value;
  return name.length <= MOST_LABEL_CHARACTERS ? name : `${name.slice(0, MOST_LABEL_CHARACTERS - 1)}…`;
}
