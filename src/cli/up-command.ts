/**
 * `up`: masters to play with, held until Ctrl-C.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { describeEndpoint } from '../model/endpoint.js';
import { UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import { completeScenario, validateScenario } from '../model/scenario.js';
import { toJson } from '../report/json-text.js';
import { openTopology } from '../servers/topology.js';
import { readComposeFlag, startContainers, thenTakeDown } from './compose-flag.js';
import { interruptible } from './interrupt.js';
import { readOptions, type RawArguments } from './options.js';

/** What is up, for people and for programs. */
interface Held {
  readonly endpoints: readonly string[];
  /** `redis 7.0.15` of each master, or the images of the containers. */
  readonly servers: readonly string[];
  /** The project of the containers; null for processes of this machine. */
  readonly compose: string | null;
  readonly tlsCa: string | null;
  /** Whether others use the masters, and are meant to. */
  readonly shared: boolean;
  /** A file with the user and the password; null where masters know nobody. */
  readonly credentialsFile: string | null;
}

/** Starts masters, prints how to reach them, and ends them at Ctrl-C, which is no failure here. */
export async function upCommand(raw: RawArguments): Promise<number> {
  return raw['compose'] === undefined ? upLocally(raw) : upInContainers(raw);
}

async function upLocally(raw: RawArguments): Promise<number> {
  const scenario = completeScenario(readOptions(raw), freshSeed());
  const problems = validateScenario(scenario);
  if (problems.length > 0) throw new UsageError(problems);
  await interruptible(async (signal) => {
    const opening = openTopology(scenario, process.env, signal).catch((thrown: unknown) => {
      // Ctrl-C while they start: they are gone, and that is what was asked for.
      if (signal.aborted) return undefined;
      throw thrown;
    });
    await using topology = await opening;
    if (topology === undefined) return;
    const { masters } = topology;
    const endpoints = masters.map(({ endpoint }) => describeEndpoint(endpoint));
    const servers = masters.map(({ identity }) => `${identity.server} ${identity.version}`);
    show(raw, { endpoints, servers, compose: null, tlsCa: null, shared: false, credentialsFile: null });
    await aborted(signal);
  }, 'ending the masters; Ctrl-C again to end at once');
  return EXIT_CODES.ok;
}

async function upInContainers(raw: RawArguments): Promise<number> {
  const topology = readComposeFlag(raw);
  const say = (line: string): void => {
    if (raw['json'] !== true) process.stderr.write(`${line}\n`);
  };
  const project = await startContainers(topology, say);
  if (project === undefined) return EXIT_CODES.ok;
  return thenTakeDown(project, say, async () => {
    const { name, secrets } = project;
    const { endpoints, images, areShared } = topology;
    show(raw, {
      endpoints,
      servers: images,
      compose: name,
      shared: areShared,
      tlsCa: secrets?.tlsCa ?? null,
      credentialsFile: secrets?.credentialsFile ?? null,
    });
    await interruptible(aborted, 'ending; Ctrl-C again to end at once');
    return EXIT_CODES.ok;
  });
}

function show(raw: RawArguments, held: Held): void {
  process.stdout.write(raw['json'] === true ? toJson(held) : `${describeHeld(held).join('\n')}\n`);
}

/** Lines to read and to paste. */
export function describeHeld({ endpoints, servers, compose, tlsCa, shared, credentialsFile }: Held): string[] {
  const flags = endpoints.map((endpoint) => `--endpoint ${quote(endpoint)}`);
  if (tlsCa !== null) flags.push(`--tls-ca ${quote(tlsCa)}`);
  if (shared) flags.push('--allow-shared');
  return [
    `up: ${[...new Set(servers)].join(', ')}${compose === null ? '' : `, as ${compose}`}; Ctrl-C ends it`,
    ...(credentialsFile === null ? [] : ['', `  set -a; . ${quote(credentialsFile)}; set +a`]),
    '',
    `  redlock-bench run ${flags.join(' ')}`,
    '',
  ];
}

/** One word of a shell; as it is where a shell takes nothing of it for its own. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Resolves when the signal is aborted, and keeps the process alive until then and no longer. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    // An idle process would end without something to wait for.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });
}
