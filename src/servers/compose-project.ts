/**
 * A topology of containers while it is up: started, waited for, and taken down with all that was made for it.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../model/errors.js';
import { msToNs, systemClock } from '../model/time.js';
import { commandRunner, lastWords, type CommandRunner } from './compose-command.js';
import { findEngine } from './compose-engine.js';
import { SECRETS_VARIABLE } from './compose-file.js';
import { makeSecrets, type ComposeSecrets } from './compose-secrets.js';
import type { ComposeTopology } from './compose-topology.js';
import { isPortFree } from './free-port.js';

/** From started containers to healthy ones. */
const HEALTH_TIMEOUT_MS = 60_000;
const HEALTH_POLL_MS = 200;
/** A container that is asked to end and does not is killed. */
const STOP_SECONDS = '2';
/** Room for a server's helping threads, see compose/README.md. */
const USUAL_CPUS = 2;
const CPUS_VARIABLE = 'REDLOCK_BENCH_CPUS';

/** Containers that are up and healthy. Disposing takes them down, with their networks, volumes and secrets. */
export interface ComposeProject extends AsyncDisposable {
  /** As the engine knows it. */
  readonly name: string;
  readonly engine: string;
  /** Undefined where the masters want neither TLS nor a user. */
  readonly secrets: ComposeSecrets | undefined;
  /** Begins to take it down and waits for nothing: for a process that ends now. */
  abandon(): void;
}

/**
 * Starts containers and waits until each one's own health check succeeds.
 *
 * @param say told what is about to happen, for people
 * @throws EnvironmentError without an engine, for ports that are taken, for containers that do not become healthy in 60 s;
 * whatever was started is taken down before
 */
export async function startCompose(
  topology: ComposeTopology,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  say: (description: string) => void,
): Promise<ComposeProject> {
  const ask = commandRunner(environment);
  const engine = await findEngine(ask);
  await refuseTakenPorts(topology, ask);
  const secrets = topology.wantsSecrets ? await makeSecrets(ask, readUsers()) : undefined;
  const name = `redlock-bench-${randomBytes(4).toString('hex')}`;
  const variables = {
    [CPUS_VARIABLE]: String(Math.min(USUAL_CPUS, engine.cpus)),
    ...environment,
    ...(secrets === undefined ? {} : { [SECRETS_VARIABLE]: secrets.folder }),
  };
  const run = commandRunner(variables);
  const compose = [...engine.compose, '-p', name, ...topology.files.flatMap((file) => ['-f', file])];
  const takeDown = [...compose, 'down', '--volumes', '--remove-orphans', '--timeout', STOP_SECONDS];
  const project: ComposeProject = {
    name,
    engine: engine.description,
    secrets,
    abandon: () => {
      const [program = '', ...words] = takeDown;
      spawn(program, words, { env: variables, stdio: 'ignore', detached: true }).unref();
      secrets?.remove();
    },
    [Symbol.asyncDispose]: async () => {
      const end = await run(takeDown);
      secrets?.remove();
      if (end.exitCode === 0) return;
      throw new EnvironmentError(
        `--compose ${topology.name}: expected to take the containers down, got "${lastWords(end)}"; try ${leftoverAdvice(name)}`,
      );
    },
  };
  try {
    say(`starting ${topology.name} with ${engine.description}, as ${name}`);
    const up = await run([...compose, 'up', '-d'], signal);
    signal.throwIfAborted();
    if (up.exitCode !== 0) {
      throw new EnvironmentError(
        `--compose ${topology.name}: expected ${engine.compose.join(' ')} up to start the containers, got:\n  ${lastWords(up, 3)}`,
      );
    }
    say(`waiting for ${topology.name} to be healthy`);
    await waitForHealth(topology.name, await containersOf(run, compose), run, signal);
    return project;
  } catch (thrown) {
    await project[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** How to end by hand what a killed process left behind. */
function leftoverAdvice(project: string): string {
  return `docker ps -aq --filter label=com.docker.compose.project=${project} | xargs docker rm -fv`;
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

async function containersOf(run: CommandRunner, compose: readonly string[]): Promise<string[]> {
  const { stdout } = await run([...compose, 'ps', '-q']);
  return stdout.split('\n').filter((id) => id !== '');
}

interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly ExitCode: number };
  readonly Config: { readonly Healthcheck?: { readonly Test?: readonly string[] } };
}

/** Runs the health checks of the containers at once, instead of waiting until the engine does. */
async function waitForHealth(
  name: string,
  ids: readonly string[],
  run: CommandRunner,
  signal: AbortSignal,
): Promise<void> {
  const deadlineNs = systemClock.nowNs() + msToNs(HEALTH_TIMEOUT_MS);
  const healthy = new Set<string>();
  while (healthy.size < ids.length) {
    signal.throwIfAborted();
    const waiting = ids.filter((id) => !healthy.has(id));
    const containers = JSON.parse((await run(['docker', 'inspect', ...waiting])).stdout) as readonly Container[];
    for (const container of containers) {
      if (container.State.Status === 'exited' || container.State.Status === 'dead') {
        const logs = await run(['docker', 'logs', '--tail', '5', container.Id]);
        throw new EnvironmentError(
          `--compose ${name}: expected ${container.Name.slice(1)} to run, got exit code ${String(container.State.ExitCode)}; its last words:\n  ${lastWords(logs, 5)}`,
        );
      }
      if (await isHealthy(container, run)) healthy.add(container.Id);
      else if (systemClock.nowNs() > deadlineNs) {
        throw new EnvironmentError(
          `--compose ${name}: expected ${container.Name.slice(1)} to be healthy within ${String(HEALTH_TIMEOUT_MS)} ms, got no success of its health check`,
        );
      }
    }
    if (healthy.size < ids.length) await sleep(HEALTH_POLL_MS);
  }
}

/** A container without a check is well when it runs. */
async function isHealthy({ Id, State, Config }: Container, run: CommandRunner): Promise<boolean> {
  if (State.Status !== 'running') return false;
  const [kind, ...words] = Config.Healthcheck?.Test ?? [];
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') return true;
  const command = kind === 'CMD' ? words : ['sh', '-c', words.join(' ')];
  return (await run(['docker', 'exec', Id, ...command])).exitCode === 0;
}

function readUsers(): string {
  return readFileSync(createRequire(import.meta.url).resolve('redlock-bench/compose/users.acl'), 'utf8');
}
