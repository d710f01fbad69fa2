/**
 * The options of `run`, in one table: parsing, `--help` and the table of docs/flags.md all come from it.
 *
 * @module
 */
import { resolve } from 'node:path';
import { UsageError } from '../model/errors.js';
import { DEFAULT_CONCURRENCY, SCENARIO_DEFAULTS, type ScenarioInput } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';
import {
  choiceOf,
  parseDuration,
  parseFaultList,
  parseHold,
  parseKeys,
  parseRate,
  parseRoundTrips,
  parseServiceRate,
  parseWhole,
  type Parsed,
} from './option-values.js';

export type OptionGroup = 'Masters' | 'Lock' | 'Load' | 'Run' | 'Output';

/** One option: how it is written, explained and read. */
export interface Option {
  readonly flag: string;
  readonly group: OptionGroup;
  /** What stands for the value in help; undefined for a switch. */
  readonly placeholder: string | undefined;
  readonly description: string;
  /** As shown to people; undefined where nothing stands for absence. */
  readonly defaultText: string | undefined;
  readonly isRepeatable: boolean;
  /** Turns the given texts into a part of the scenario; undefined for options that are not part of it. */
  readonly read: ((texts: readonly string[]) => Parsed<ScenarioInput>) | undefined;
}

const defaults = SCENARIO_DEFAULTS;
const duration = formatDurationMs;

/** Every option of `run`, in the order of `--help`. */
export const RUN_OPTIONS: readonly Option[] = [
  value(
    'Masters',
    'masters',
    'N',
    'start this many local servers and stop them afterwards',
    String(defaults.masters),
    parseWhole,
    (masters) => ({ masters }),
  ),
  repeated(
    'Masters',
    'endpoint',
    'URL',
    'use running masters instead: redis://, rediss:// or unix://; repeat for each',
    (endpoints) => ({ endpoints }),
  ),
  {
    flag: 'compose',
    group: 'Masters',
    placeholder: 'NAME',
    description:
      'masters in containers, taken down afterwards: masters-1, masters-3, masters-5, failover, tls-acl, masters-3+proxy, or a compose file',
    defaultText: undefined,
    isRepeatable: false,
    // What starts them hands their endpoints on, as if they had been typed.
    read: undefined,
  },
  repeated(
    'Masters',
    'allow-remote',
    'HOST',
    'allow endpoints on this host, which is not this machine',
    (allowRemote) => ({ allowRemote }),
  ),
  toggle('Masters', 'allow-shared', 'allow masters that other clients are using', (allowShared) => ({ allowShared })),
  value(
    'Masters',
    'tls-ca',
    'FILE',
    'certificates of the authorities that may have signed those of rediss:// masters (PEM)',
    'those of Node',
    asPath,
    (tlsCa) => ({ tlsCa }),
  ),
  value(
    'Masters',
    'tls-cert',
    'FILE',
    'our own certificate, for rediss:// masters that ask for one (PEM)',
    undefined,
    asPath,
    (tlsCert) => ({ tlsCert }),
  ),
  value('Masters', 'tls-key', 'FILE', 'its private key, without a passphrase (PEM)', undefined, asPath, (tlsKey) => ({
    tlsKey,
  })),
  value('Masters', 'server', 'PATH', 'server binary to start', 'REDLOCK_BENCH_SERVER, then PATH', asText, (server) => ({
    server,
  })),
  value(
    'Masters',
    'persistence',
    'MODE',
    'none, everysec or always (append-only file)',
    defaults.persistence,
    choiceOf(['none', 'everysec', 'always']),
    (persistence) => ({ persistence }),
  ),
  value('Masters', 'socket', 'KIND', 'tcp or unix', defaults.socket, choiceOf(['tcp', 'unix']), (socket) => ({
    socket,
  })),
  value(
    'Masters',
    'rtt',
    'LIST',
    'emulate a round trip: 2ms, 2ms~0.5ms (jitter), one for each master: 1ms,1ms,30ms, or by zone of workers: "1ms,9ms;9ms,1ms"',
    undefined,
    parseRoundTrips,
    (rtt) => ({ rtt }),
  ),
  value(
    'Masters',
    'service-rate',
    'N',
    'emulate masters that serve this many requests a second, one after another: a proxy lets them through in order',
    undefined,
    parseServiceRate,
    (serviceRatePerSecond) => ({ serviceRatePerSecond }),
  ),

  value(
    'Lock',
    'lock',
    'NAME',
    'the lock to measure: a name of redlock-bench locks, the path of a module, or process:COMMAND',
    defaults.lock,
    asText,
    (lock) => ({ lock }),
  ),
  value(
    'Lock',
    'transport',
    'NAME',
    'how the client talks to a master: ioredis, or wire (a lean connection of our own)',
    defaults.transport,
    choiceOf(['ioredis', 'wire']),
    (transport) => ({ transport }),
  ),
  value(
    'Lock',
    'commands',
    'KIND',
    'what releases and extends: native (compare-and-delete of new servers), lua, or auto',
    defaults.commands,
    choiceOf(['auto', 'native', 'lua']),
    (commands) => ({ commands }),
  ),
  value(
    'Lock',
    'ttl',
    'TIME',
    'how long a lock lives unless it is released',
    duration(defaults.ttlMs),
    parseDuration,
    (ttlMs) => ({ ttlMs }),
  ),
  value(
    'Lock',
    'node-timeout',
    'TIME',
    'how long one attempt waits for the masters',
    duration(defaults.nodeTimeoutMs),
    parseDuration,
    (nodeTimeoutMs) => ({ nodeTimeoutMs }),
  ),
  value(
    'Lock',
    'acquire-timeout',
    'TIME',
    'how long to wait for a held lock; 0ms = one attempt',
    duration(defaults.acquireTimeoutMs),
    parseDuration,
    (acquireTimeoutMs) => ({ acquireTimeoutMs }),
  ),
  value(
    'Lock',
    'retry-delay',
    'TIME',
    'least wait between two attempts',
    duration(defaults.retryDelayMs),
    parseDuration,
    (retryDelayMs) => ({ retryDelayMs }),
  ),
  value(
    'Lock',
    'retry-jitter',
    'TIME',
    'random wait on top, from 0 to this',
    duration(defaults.retryJitterMs),
    parseDuration,
    (retryJitterMs) => ({ retryJitterMs }),
  ),
  value(
    'Lock',
    'wake-up',
    'KIND',
    'how a waiter learns of a release: notify (it is told), or poll',
    defaults.wakeUp,
    choiceOf(['notify', 'poll']),
    (wakeUp) => ({ wakeUp }),
  ),
  toggle('Lock', 'allow-overrun', 'allow a hold that is longer than the ttl', (allowOverrun) => ({ allowOverrun })),

  value('Load', 'workers', 'N', 'worker threads', String(defaults.workers), parseWhole, (workers) => ({ workers })),
  value(
    'Load',
    'concurrency',
    'N',
    'closed loop: this many clients, each without pause',
    `${String(DEFAULT_CONCURRENCY)}, without --rate`,
    parseWhole,
    (concurrency) => ({ concurrency }),
  ),
  value(
    'Load',
    'rate',
    'N',
    'open loop: this many operations a second, come what may',
    undefined,
    parseRate,
    (ratePerSecond) => ({ ratePerSecond }),
  ),
  value(
    'Load',
    'arrivals',
    'KIND',
    'open loop: poisson or constant',
    defaults.arrivals,
    choiceOf(['poisson', 'constant']),
    (arrivals) => ({ arrivals }),
  ),
  value(
    'Load',
    'burst',
    'N',
    'open loop: so many operations begin at the same instant, at the same rate overall',
    String(defaults.burst),
    parseWhole,
    (burst) => ({ burst }),
  ),
  value(
    'Load',
    'in-flight',
    'N',
    'open loop: operations under way at once; starts beyond it are dropped and counted',
    String(defaults.inFlight),
    parseWhole,
    (inFlight) => ({ inFlight }),
  ),
  value(
    'Load',
    'keys',
    'CHOICE',
    'uncontended, single, uniform:KEYS, zipf:KEYS:THETA or hotspot:KEYS:SHARE',
    defaults.keys.kind,
    parseKeys,
    (keys) => ({ keys }),
  ),
  value(
    'Load',
    'hold',
    'TIME',
    'how long a lock is held: 5ms, or exp:5ms for exponential times',
    duration(defaults.hold.meanMs),
    parseHold,
    (hold) => ({ hold }),
  ),

  value(
    'Run',
    'warmup',
    'TIME',
    'load that is not recorded',
    duration(defaults.warmupMs),
    parseDuration,
    (warmupMs) => ({ warmupMs }),
  ),
  value(
    'Run',
    'duration',
    'TIME',
    'load that is recorded',
    duration(defaults.durationMs),
    parseDuration,
    (durationMs) => ({ durationMs }),
  ),
  value(
    'Run',
    'seed',
    'N',
    'repeats the arrivals, keys and hold times of an earlier run',
    'drawn and printed',
    parseWhole,
    (seed) => ({ seed }),
  ),
  toggle('Run', 'history', 'record every operation and check it afterwards; report checks it again', (history) => ({
    history,
  })),
  {
    flag: 'fault',
    group: 'Run',
    placeholder: 'TEXT',
    description:
      'disturb spawned masters, the ways to them or clients: "kill master=2 at=5s for=3s"; at counts from the end of the warm-up; repeat for more',
    defaultText: undefined,
    isRepeatable: true,
    read: parseFaultList,
  },
  repeated(
    'Run',
    'threshold',
    'RULE',
    'exit with 99 when crossed: "acquire.response: p(99)<25ms"; repeat for more',
    (thresholds) => ({ thresholds }),
  ),

  {
    flag: 'out',
    group: 'Output',
    placeholder: 'DIR',
    description: 'folder for the result',
    defaultText: 'results/<time>-<name>',
    isRepeatable: false,
    read: undefined,
  },
  {
    flag: 'json',
    group: 'Output',
    placeholder: undefined,
    description: 'print the result alone, as JSON',
    defaultText: undefined,
    isRepeatable: false,
    read: undefined,
  },
  {
    flag: 'quiet',
    group: 'Output',
    placeholder: undefined,
    description: 'no progress, only the summary',
    defaultText: undefined,
    isRepeatable: false,
    read: undefined,
  },
];

/** What yargs hands over: texts for options with a value, booleans for switches. */
export type RawArguments = Readonly<Record<string, unknown>>;

/**
 * Reads the options that were given into a part of a scenario.
 *
 * @throws UsageError with every problem: what was expected, what was got
 */
export function readOptions(raw: RawArguments): ScenarioInput {
  const problems: string[] = [];
  let input: ScenarioInput = {};
  for (const option of RUN_OPTIONS) {
    const texts = textsOf(raw[option.flag]);
    if (texts.length > 1 && !option.isRepeatable) {
      problems.push(`--${option.flag}: expected once, got ${String(texts.length)} times; keep one`);
      continue;
    }
    if (texts.length === 0 || option.read === undefined) continue;
    const parsed = option.read(texts);
    if ('value' in parsed) input = { ...input, ...parsed.value };
    else if ('problems' in parsed) problems.push(...parsed.problems.map((problem) => `--${option.flag} ${problem}`));
    else problems.push(`--${option.flag}: expected ${parsed.expected}, got "${texts.join(' ')}"`);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return input;
}

function textsOf(raw: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  return list.flatMap((item) => (typeof item === 'string' ? [item] : item === true ? ['true'] : []));
}

function asText(text: string): Parsed<string> {
  return text === '' ? { expected: 'a name' } : { value: text };
}

function asPath(text: string): Parsed<string> {
  return text === '' ? { expected: 'the path of a file' } : { value: resolve(text) };
}

function value<Value>(
  group: OptionGroup,
  flag: string,
  placeholder: string,
  description: string,
  defaultText: string | undefined,
  parse: (text: string) => Parsed<Value>,
  into: (value: Value) => ScenarioInput,
): Option {
  const read = ([text = '']: readonly string[]): Parsed<ScenarioInput> => {
    const parsed = parse(text);
    return 'value' in parsed ? { value: into(parsed.value) } : parsed;
  };
  return { flag, group, placeholder, description, defaultText, isRepeatable: false, read };
}

function repeated(
  group: OptionGroup,
  flag: string,
  placeholder: string,
  description: string,
  into: (texts: readonly string[]) => ScenarioInput,
): Option {
  const read = (texts: readonly string[]): Parsed<ScenarioInput> => ({ value: into(texts) });
  return { flag, group, placeholder, description, defaultText: undefined, isRepeatable: true, read };
}

function toggle(group: OptionGroup, flag: string, description: string, into: (isOn: boolean) => ScenarioInput): Option {
  const read = (): Parsed<ScenarioInput> => ({ value: into(true) });
  return { flag, group, placeholder: undefined, description, defaultText: undefined, isRepeatable: false, read };
}
