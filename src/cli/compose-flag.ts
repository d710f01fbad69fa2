/**
 * `--compose NAME`: a command on masters in containers, which are started before it and taken down after it.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { UsageError } from '../model/errors.js';
import { startCompose, type ComposeProject } from '../servers/compose-project.js';
import { readComposeTopology, type ComposeTopology } from '../servers/compose-topology.js';
import { readOptions, type RawArguments } from './options.js';

/** What the containers decide: said beside --compose it would silently mean nothing. */
const DECIDED_BY_COMPOSE = ['masters', 'endpoint', 'server', 'persistence', 'socket', 'fault', 'tls-ca'];
/** What commands read in a way of their own, as lists; they say themselves what is wrong with it. */
const READ_ELSEWHERE = ['lock', 'rate'];

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command on the containers that `--compose` names: it is given their endpoints as if they had been typed. */
export async function onCompose(raw: RawArguments, work: (raw: RawArguments) => Promise<number>): Promise<number> {
  const topology = readComposeFlag(raw);
  // What is wrong with the words is said before a container is started.
  readOptions({ ...raw, ...Object.fromEntries(READ_ELSEWHERE.map((flag) => [flag, undefined])) });
  return onContainers(topology, raw, work);
}

/**
 * The topology that `--compose` names.
 *
 * @throws UsageError for flags that do not go with it, and for what `readComposeTopology` refuses
 */
export function readComposeFlag(raw: RawArguments): ComposeTopology {
  const name: unknown = raw['compose'];
  if (typeof name !== 'string') {
    throw new UsageError([
      '--compose: expected once, got several times; to lay one over the other use masters-1+proxy, not two flags',
    ]);
  }
  const problems = DECIDED_BY_COMPOSE.filter((flag) => raw[flag] !== undefined).map(
    (flag) =>
      `--${flag}, --compose: expected one of the two, got both; the compose file says what runs: drop --${flag}`,
  );
  if (problems.length > 0) throw new UsageError(problems);
  return readComposeTopology(name, process.env);
}

/** Starts containers while Ctrl-C stops the start. Undefined when it did; they are gone then. */
export async function startContainers(
  topology: ComposeTopology,
  say: (line: string) => void,
): Promise<ComposeProject | undefined> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (!controller.signal.aborted) say('taking the containers down');
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await startCompose(topology, process.env, controller.signal, say);
  } catch (thrown) {
    if (controller.signal.aborted) return undefined;
    throw thrown;
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

/** Does work, and takes containers down after it, whatever it throws and whoever interrupts. */
export async function thenTakeDown<Value>(
  project: ComposeProject,
  say: (line: string) => void,
  work: () => Promise<Value>,
): Promise<Value> {
  // The second Ctrl-C ends a run at once; its containers must not stay.
  const abandon = (): void => {
    project.abandon();
  };
  // The command has an ear for Ctrl-C of its own; nothing ends a take-down.
  const ignore = (): void => undefined;
  process.once('exit', abandon);
  for (const name of SIGNALS) process.on(name, ignore);
  try {
    return await work();
  } finally {
    say('taking the containers down');
    await project[Symbol.asyncDispose]();
    process.off('exit', abandon);
    for (const name of SIGNALS) process.off(name, ignore);
  }
}

async function onContainers(
  topology: ComposeTopology,
  raw: RawArguments,
  work: (raw: RawArguments) => Promise<number>,
): Promise<number> {
  const isQuiet = raw['quiet'] === true || raw['json'] === true;
  const say = (line: string): void => {
    if (!isQuiet) process.stderr.write(`${line}\n`);
  };
  const project = await startContainers(topology, say);
  if (project === undefined) return EXIT_CODES.interrupted;
  const { secrets } = project;
  if (secrets !== undefined) {
    // Where every reader of endpoints looks for them, those in other processes too; never in the words of a command.
    process.env['REDLOCK_BENCH_USERNAME'] = secrets.username;
    process.env['REDLOCK_BENCH_PASSWORD'] = secrets.password;
  }
  const given = {
    ...raw,
    compose: undefined,
    endpoint: topology.endpoints,
    ...(topology.areShared ? { 'allow-shared': true } : {}),
    ...(secrets === undefined ? {} : { 'tls-ca': secrets.tlsCa }),
  };
  return thenTakeDown(project, say, () => work(given));
}
