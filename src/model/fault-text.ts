/**
 * Faults as they are typed: `kill master=2 at=5s for=3s`.
 *
 * @module
 */
import {
  isLinkFault,
  isMomentary,
  LINK_FAULT_KINDS,
  type AskedFault,
  type Fault,
  type FaultKind,
  type FaultOn,
  type LinkFaultKind,
} from './fault.js';
import { formatDurationMs, parseDurationMs } from './time.js';

/** The faults of one text, or everything that is wrong with it: expected, got and fix in a line each. */
export type FaultsRead = { readonly faults: readonly AskedFault[] } | { readonly problems: readonly string[] };

/** Writes a fault without its time: `latency master=1 client=2 delay=50ms jitter=10ms`. */
export function formatFault(fault: FaultOn<number | 'all'>): string {
  const words: string[] = [fault.kind];
  if ('master' in fault) words.push(`master=${String(fault.master)}`);
  if ('client' in fault && fault.client !== undefined) words.push(`client=${String(fault.client)}`);
  if ('delayMs' in fault) words.push(`delay=${formatDurationMs(fault.delayMs)}`);
  if ('jitterMs' in fault && fault.jitterMs > 0) words.push(`jitter=${formatDurationMs(fault.jitterMs)}`);
  if ('bytesPerSecond' in fault) words.push(`rate=${String(fault.bytesPerSecond)}`);
  if ('byMs' in fault) words.push(`by=${formatSigned(fault.byMs)}`);
  return words.join(' ');
}

/** Writes a fault and its time: what `parseFaults` reads back. */
export function formatScheduledFault({ fault, atMs, forMs }: AskedFault): string {
  const span = forMs === undefined ? '' : ` for=${formatDurationMs(forMs)}`;
  return `${formatFault(fault)} at=${formatDurationMs(atMs)}${span}`;
}

/** `master 2`, `client 1`, `client 1 to master 2`; a way of all clients is named by its master. */
export function nameTarget(fault: Fault): string {
  if (!('master' in fault)) return `client ${String(fault.client)}`;
  const master = `master ${String(fault.master)}`;
  if (!isLinkFault(fault)) return master;
  return fault.client === undefined ? `all clients to ${master}` : `client ${String(fault.client)} to ${master}`;
}

/** Reads a fault and its time. Lists, such as `master=1,2`, give a fault for each. */
export function parseFaults(text: string): FaultsRead {
  const [kindText = '', ...words] = text.trim().split(/\s+/);
  const kind = KINDS.find((each) => each === kindText);
  if (kind === undefined) {
    return { problems: [`expected one of ${KINDS.join(', ')}, got "${kindText}"; say for instance ${EXAMPLE}`] };
  }
  const allowed = wordsOf(kind);
  const problems: string[] = [];
  const given = splitWords(kind, words, allowed, problems);
  const values = new Values(given, problems);
  for (const [word, need] of Object.entries(allowed)) {
    if (need !== 'needed' || given.has(word)) continue;
    const why = word === 'for' ? `; ${kind} lasts until it is healed` : '';
    problems.push(`expected ${word}= with ${kind}, got none${why}: add ${word}=${EXAMPLE_OF[word as Word]}`);
  }
  const faults = makeFaults(kind, values);
  const [atMs, forMs] = [values.duration('at', 0), given.has('for') ? values.duration('for') : undefined];
  if (problems.length > 0) return { problems };
  return { faults: faults.map((fault) => ({ fault, atMs, forMs })) };
}

type Word = 'master' | 'client' | 'delay' | 'jitter' | 'rate' | 'by' | 'at' | 'for';
type Need = 'needed' | 'optional';

const EXAMPLE = 'kill master=2 at=5s for=3s';
const EXAMPLE_OF: Readonly<Record<Word, string>> = {
  master: '1',
  client: '1',
  delay: '50ms',
  jitter: '10ms',
  rate: '10000',
  by: '20s',
  at: '5s',
  for: '3s',
};

const KINDS: readonly FaultKind[] = [
  'kill',
  'shutdown',
  'power-loss',
  'pause',
  'stall',
  'evict',
  'flush',
  'clock',
  'latency',
  'bandwidth',
  ...LINK_FAULT_KINDS,
  'block',
  'client-clock',
];

/** Which words a kind takes, in the order in which they are written. */
function wordsOf(kind: FaultKind): Partial<Record<Word, Need>> {
  return {
    ...(kind === 'block' || kind === 'client-clock' ? { client: 'needed' } : { master: 'needed' }),
    ...(kind === 'latency' || kind === 'bandwidth' || isLinkKind(kind) ? { client: 'optional' } : {}),
    ...(kind === 'latency' ? { delay: 'needed', jitter: 'optional' } : {}),
    ...(kind === 'bandwidth' ? { rate: 'needed' } : {}),
    ...(kind === 'clock' || kind === 'client-clock' ? { by: 'needed' } : {}),
    at: 'needed',
    ...(isMomentary(kind) ? {} : { for: 'needed' }),
  };
}

function isLinkKind(kind: FaultKind): kind is LinkFaultKind {
  return LINK_FAULT_KINDS.some((each) => each === kind);
}

function splitWords(
  kind: FaultKind,
  words: readonly string[],
  allowed: Partial<Record<Word, Need>>,
  problems: string[],
): Map<string, string> {
  const given = new Map<string, string>();
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(word) ?? [];
    if (name === 'for' && allowed.for === undefined) {
      problems.push(`expected no for= with ${kind}, which is over at once, got "${word}"; drop it`);
    } else if (!(name in allowed)) {
      const known = Object.keys(allowed).map((each) => `${each}=`);
      problems.push(`expected ${known.join(' ')} with ${kind}, got "${word}"; drop it, or mend the word`);
    } else if (given.has(name)) {
      problems.push(`expected ${name}= once, got it again as "${word}"; keep one`);
    } else given.set(name, value);
  }
  return given;
}

function makeFaults(kind: FaultKind, values: Values): readonly FaultOn<number | 'all'>[] {
  if (kind === 'block') return values.clients().map((client) => ({ kind, client }));
  if (kind === 'client-clock') {
    const byMs = values.shift('by');
    return values.clients().map((client) => ({ kind, client, byMs }));
  }
  const masters = values.masters();
  if (kind === 'clock') {
    const byMs = values.shift('by');
    return masters.map((master) => ({ kind, master, byMs }));
  }
  if (kind !== 'latency' && kind !== 'bandwidth' && !isLinkKind(kind)) {
    return masters.map((master) => ({ kind, master }));
  }
  const clients = values.has('client') ? values.clients() : [undefined];
  const ways = masters.flatMap((master) => clients.map((client) => ({ master, client })));
  if (kind === 'latency') {
    const delayMs = values.duration('delay');
    const jitterMs = values.has('jitter') ? values.duration('jitter', 0) : 0;
    return ways.map((way) => ({ kind, ...way, delayMs, jitterMs }));
  }
  if (kind === 'bandwidth') {
    const bytesPerSecond = values.rate('rate');
    return ways.map((way) => ({ kind, ...way, bytesPerSecond }));
  }
  return ways.map((way) => ({ kind, ...way }));
}

/** Reads the values of words that were given; what is missing was complained of already. */
class Values {
  readonly #given: ReadonlyMap<string, string>;
  readonly #problems: string[];

  constructor(given: ReadonlyMap<string, string>, problems: string[]) {
    this.#given = given;
    this.#problems = problems;
  }

  has(word: Word): boolean {
    return this.#given.has(word);
  }

  masters(): readonly (number | 'all')[] {
    const text = this.#given.get('master');
    return text === 'all' ? ['all'] : this.#numbers('master', 'a number from 1, a list such as 1,2, or all');
  }

  clients(): readonly number[] {
    return this.#numbers('client', 'a number from 1, or a list such as 1,2');
  }

  /** @param leastMs 0 where nothing at all is something, too */
  duration(word: Word, leastMs?: 0): number {
    return this.#read(word, 'a duration with its unit', (text) => {
      const ms = parseDurationMs(text);
      return ms === undefined || (ms === 0 && leastMs === undefined) ? undefined : ms;
    });
  }

  /** A duration that may be negative, but not nothing. */
  shift(word: Word): number {
    return this.#read(word, 'a duration with its unit, or minus one', (text) => {
      const ms = parseDurationMs(text.replace(/^-/, ''));
      return ms === undefined || ms === 0 ? undefined : text.startsWith('-') ? -ms : ms;
    });
  }

  rate(word: Word): number {
    return this.#read(word, 'bytes per second above 0', (text) => {
      const rate = /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : 0;
      return rate > 0 ? rate : undefined;
    });
  }

  #numbers(word: Word, expected: string): readonly number[] {
    const text = this.#given.get(word);
    if (text === undefined) return [];
    const numbers = text.split(',').map((part) => (/^[1-9]\d{0,5}$/.test(part) ? Number(part) : 0));
    if (new Set(numbers).size === numbers.length && !numbers.includes(0)) return numbers;
    this.#problems.push(`expected ${word}= with ${expected}, each once, got "${word}=${text}"; say ${word}=1`);
    return [];
  }

  #read(word: Word, expected: string, parse: (text: string) => number | undefined): number {
    const text = this.#given.get(word);
    if (text === undefined) return 0;
    const value = parse(text);
    if (value !== undefined) return value;
    this.#problems.push(`expected ${word}= with ${expected}, got "${word}=${text}"; say ${word}=${EXAMPLE_OF[word]}`);
    return 0;
  }
}

function formatSigned(ms: number): string {
  return ms < 0 ? `-${formatDurationMs(-ms)}` : formatDurationMs(ms);
}
