/**
 * `--compose NAME`: a command on masters in containers, which are started before it and taken down after it.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { findAdapter } from '../locks/registry.js';
import { CREDENTIAL_VARIABLES } from '../model/endpoint.js';
import { toError, UsageError } from '../model/errors.js';
import { startCompose, type ComposeProject } from '../servers/compose-project.js';
import { readComposeTopology, type ComposeTopology } from '../servers/compose-topology.js';
import { listenForInterrupts } from './compose-interrupts.js';
import { explain } from './explain.js';
import { readOptions, type RawArguments } from './options.js';
import { readRuns } from './run-command.js';
import { findScenario } from './scenarios.js';

/** Told what happens, for people. */
type Say = (line: string) => void;

/** What the containers decide: said beside --compose it would silently mean nothing. */
const DECIDED_BY_COMPOSE = ['masters', 'endpoint', 'server', 'persistence', 'socket', 'fault', 'tls-ca'];
/** What commands read in a way of their own, as lists; they say themselves what is wrong with it. */
const READ_ELSEWHERE = ['lock', 'rate'];

/** Runs a command on the containers that `--compose` names: it is given their endpoints as if they had been typed. */
export async function onCompose(raw: RawArguments, work: (raw: RawArguments) => Promise<number>): Promise<number> {
  const topology = readComposeFlag(raw);
  // What is wrong with the words is said before a container is started.
  readOptions({ ...raw, ...Object.fromEntries(READ_ELSEWHERE.map((flag) => [flag, undefined])) });
  const given = {
    ...raw,
    compose: undefined,
    endpoint: topology.endpoints,
    ...(topology.areShared ? { 'allow-shared': true } : {}),
  };
  await checkWords(given);
  return onContainers(topology, given, work);
}

/** Of other commands than `run` only the scenario is looked at: the rest they read in ways of their own. */
async function checkWords(raw: RawArguments): Promise<void> {
  const words: unknown = raw['_'];
  if (!Array.isArray(words) || words[0] !== 'run') {
    findScenario(typeof raw['scenario'] === 'string' ? raw['scenario'] : undefined);
    return;
  }
  const { scenarios } = readRuns(raw);
  for (const lock of new Set(scenarios.map((scenario) => scenario.lock))) await findAdapter(lock);
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
export async function startContainers(topology: ComposeTopology, say: Say): Promise<ComposeProject | undefined> {
  const controller = new AbortController();
  const listener = listenForInterrupts(() => {
    say('taking the containers down; Ctrl-C again to leave that to the background');
    controller.abort();
  });
  try {
    return await startCompose(topology, process.env, controller.signal, say);
  } catch (thrown) {
    if (controller.signal.aborted && toError(thrown).name === 'AbortError') return undefined;
    throw thrown;
  } finally {
    listener.stop();
  }
}

/**
 * Does work, and takes containers down after it, whatever it throws and whoever interrupts.
 *
 * @returns the exit code of the work; of a take-down that failed where the work went well
 */
export async function thenTakeDown(project: ComposeProject, say: Say, work: () => Promise<number>): Promise<number> {
  // The command has an ear for Ctrl-C of its own: the second one ends the process, and then nobody waits for the containers.
  const endure = listenForInterrupts();
  let exitCode: number;
  try {
    exitCode = await work();
  } catch (thrown) {
    endure.stop();
    await takeDown(project, say);
    throw thrown;
  }
  endure.stop();
  const takenDown = await takeDown(project, say);
  return exitCode === EXIT_CODES.ok ? takenDown : exitCode;
}

/** What goes wrong here is said, and must not stand in the place of what went wrong before. */
async function takeDown(project: ComposeProject, say: Say): Promise<number> {
  const listener = listenForInterrupts(() => {
    say('still taking the containers down; Ctrl-C again to leave that to the background');
  });
  say('taking the containers down');
  try {
    await project[Symbol.asyncDispose]();
    return EXIT_CODES.ok;
  } catch (thrown) {
    return explain(toError(thrown));
  } finally {
    listener.stop();
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
  // Where every reader of endpoints looks for them, those in other processes too; never in the words of a command.
  // Those of the shell are of other masters: ours would answer WRONGPASS. A file of the user's may have them meant.
  if (secrets !== undefined || !topology.isForeign) setCredentials(secrets);
  return thenTakeDown(project, say, () => work(secrets === undefined ? raw : { ...raw, 'tls-ca': secrets.tlsCa }));
}

function setCredentials(secrets: ComposeProject['secrets']): void {
  for (const part of ['username', 'password'] as const) {
    const variable = CREDENTIAL_VARIABLES[part];
    if (secrets === undefined) Reflect.deleteProperty(process.env, variable);
    else process.env[variable] = secrets[part];
  }
}
