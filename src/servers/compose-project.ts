/**
 * A topology of containers while it is up: started, waited for, and taken down with all that was made for it.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { EnvironmentError, toError } from '../model/errors.js';
import { commandRunner, lastWords, type CommandRunner } from './compose-command.js';
import { findEngine, type Engine } from './compose-engine.js';
import { SECRETS_VARIABLE } from './compose-file.js';
import { waitForHealth } from './compose-health.js';
import { leftoverAdvice, removeLeftovers } from './compose-leftovers.js';
import { makeSecrets, type ComposeSecrets } from './compose-secrets.js';
import type { ComposeTopology } from './compose-topology.js';
import { isPortFree } from './free-port.js';

/** From started containers to healthy ones. */
const HEALTH_TIMEOUT_MS = 60_000;
/** A container that is asked to end and does not is killed. */
const STOP_SECONDS = '2';
/** For a busy engine with five containers. */
const TAKE_DOWN_LIMIT_MS = 60_000;
/** Room for a server's helping threads, see compose/README.md. */
const USUAL_CPUS = 2;
const CPUS_VARIABLE = 'REDLOCK_BENCH_CPUS';
/** Where overlays find their own files: compose looks for relative ones beside the first file. */
const FOLDER_VARIABLE = 'REDLOCK_BENCH_COMPOSE_DIR';

/**
 * Containers that are up and healthy. Disposing takes them down, with their networks, volumes and secrets; a process that
 * ends without it leaves that to a program in the background.
 */
export interface ComposeProject extends AsyncDisposable {
  /** As the engine knows it. */
  readonly name: string;
  readonly engine: string;
  /** Undefined where the masters want neither TLS nor a user. */
  readonly secrets: ComposeSecrets | undefined;
}

/**
 * Starts containers and waits until each one's own health check succeeds.
 *
 * @param say told what is about to happen, for people
 * @throws the signal's reason, or an AbortError; EnvironmentError without an engine, for ports that are taken, for
 * containers that do not become healthy in time; whatever was started is taken down before, and what could not be is named
 */
export async function startCompose(
  topology: ComposeTopology,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  say: (description: string) => void,
  healthTimeoutMs = HEALTH_TIMEOUT_MS,
): Promise<ComposeProject> {
  const ask = commandRunner(environment, signal);
  const engine = await findEngine(ask);
  await refuseTakenPorts(topology, ask);
  const name = `redlock-bench-${randomBytes(4).toString('hex')}`;
  const secrets = topology.wantsSecrets ? await makeSecrets(ask, name, readUsers()) : undefined;
  const variables = {
    [CPUS_VARIABLE]: String(Math.min(USUAL_CPUS, engine.cpus)),
    ...environment,
    [FOLDER_VARIABLE]: dirname(ourFile('proxy.yaml')),
    ...(secrets === undefined ? {} : { [SECRETS_VARIABLE]: secrets.folder }),
  };
  const compose = [...engine.compose, '-p', name, ...topology.files.flatMap((file) => ['-f', file])];
  const project = openProject(topology.name, name, engine, compose, variables, secrets);
  try {
    const run = commandRunner(variables, signal);
    say(`starting ${topology.name} with ${engine.description}, as ${name}; images that are missing are pulled`);
    // As long as it takes to pull them.
    const up = await run([...compose, 'up', '-d'], Number.POSITIVE_INFINITY);
    if (up.exitCode !== 0) {
      throw new EnvironmentError(
        `--compose ${topology.name}: expected ${engine.compose.join(' ')} up to start the containers, got:\n  ${lastWords(up, 3)}`,
      );
    }
    say(`waiting for ${topology.name} to be healthy`);
    await waitForHealth(topology.name, await containersOf(topology, run, compose), run, signal, healthTimeoutMs);
    return project;
  } catch (thrown) {
    const failure = await project[Symbol.asyncDispose]().then(() => undefined, toError);
    if (failure === undefined) throw thrown;
    if (signal.aborted) throw failure;
    throw new EnvironmentError(`${toError(thrown).message}\n${failure.message}`, { cause: thrown });
  }
}

function openProject(
  topology: string,
  name: string,
  engine: Engine,
  compose: readonly string[],
  variables: NodeJS.ProcessEnv,
  secrets: ComposeSecrets | undefined,
): ComposeProject {
  const takeDown = [...compose, 'down', '--volumes', '--remove-orphans', '--timeout', STOP_SECONDS];
  // Begins to take it down and waits for nothing.
  const abandon = (): void => {
    const [program = '', ...words] = takeDown;
    spawn(program, words, { env: variables, stdio: 'ignore', detached: true }).unref();
    secrets?.remove();
  };
  process.once('exit', abandon);
  return {
    name,
    engine: engine.description,
    secrets,
    [Symbol.asyncDispose]: async () => {
      const run = commandRunner(variables);
      const end = await run(takeDown, TAKE_DOWN_LIMIT_MS);
      // It reads the files again, which may be gone, or may never have been right.
      const isDown = end.exitCode === 0 || (await removeLeftovers(name, run));
      secrets?.remove();
      process.off('exit', abandon);
      if (isDown) return;
      throw new EnvironmentError(
        `--compose ${topology}: expected to take the containers down, got "${lastWords(end)}"; try ${leftoverAdvice(name)}`,
      );
    },
  };
}

async function refuseTakenPorts({ name, ports }: ComposeTopology, run: CommandRunner): Promise<void> {
  const free = await Promise.all(ports.map(isPortFree));
  const taken = ports.filter((_, index) => free[index] !== true);
  const [first] = taken;
  if (first === undefined) return;
  const format = '{{.Label "com.docker.compose.project"}}';
  const { stdout } = await run(['docker', 'ps', '--filter', `publish=${String(first)}`, '--format', format]);
  const holder = stdout.trim().split('\n')[0] ?? '';
  throw new EnvironmentError(
    `--compose ${name}: expected free ports on 127.0.0.1, got ${taken.map(String).join(', ')} taken` +
      (holder === ''
        ? '; end what listens there'
        : ` by the containers of ${holder}; end the command that started them, or, if it was killed: ${leftoverAdvice(holder)}`),
  );
}

/** All of them, those too that have ended already. */
async function containersOf(
  { name, services }: ComposeTopology,
  run: CommandRunner,
  compose: readonly string[],
): Promise<string[]> {
  const end = await run([...compose, 'ps', '-a', '-q']);
  const ids = end.stdout.split('\n').filter((id) => id !== '');
  if (end.exitCode === 0 && ids.length >= services.length) return ids;
  throw new EnvironmentError(
    `--compose ${name}: expected a container for each of ${services.join(', ')}, got ` +
      (end.exitCode === 0 ? String(ids.length) : `"${lastWords(end)}"`),
  );
}

function readUsers(): string {
  return readFileSync(ourFile('users.acl'), 'utf8');
}

/** By the name under which the package exports it. */
function ourFile(name: string): string {
  return createRequire(import.meta.url).resolve(`redlock-bench/compose/${name}`);
}
