/**
 * Finds a container engine and the compose that drives it.
 *
 * @module
 */
import { EnvironmentError } from '../model/errors.js';
import { lastWords, type CommandRunner } from './compose-command.js';

/** An engine that answers. */
export interface Engine {
  /** The words before those of compose: `docker compose`, or `docker-compose`. */
  readonly compose: readonly string[];
  /** For people: `docker-compose 1.29.2 on Docker 20.10.24`. */
  readonly description: string;
  /** CPUs that containers may be given. */
  readonly cpus: number;
}

const INSTEAD = 'or leave --compose out: --masters starts local servers';

/**
 * Asks for the engine first and for compose then: the plugin, else the program that came before it.
 *
 * @throws EnvironmentError in one line when either is missing
 */
export async function findEngine(run: CommandRunner): Promise<Engine> {
  const answer = await run(['docker', 'version', '--format', '{{.Server.Version}}']);
  if (answer.isMissing) {
    throw new EnvironmentError(
      `--compose: expected a Docker engine, got no docker on PATH; install one (Debian: apt install docker.io docker-compose), ${INSTEAD}`,
    );
  }
  const version = /^\d\S*/.exec(answer.stdout)?.[0];
  if (answer.exitCode !== 0 || version === undefined) {
    throw new EnvironmentError(
      `--compose: expected a Docker engine that answers, got "${lastWords(answer)}"; start it, or set DOCKER_HOST, ${INSTEAD}`,
    );
  }
  for (const compose of [['docker', 'compose'], ['docker-compose']]) {
    const { exitCode, stdout } = await run([...compose, 'version', '--short']);
    const found = /^v?(\d\S*)/.exec(stdout.trim())?.[1];
    if (exitCode !== 0 || found === undefined) continue;
    return {
      compose,
      description: `${compose.join(' ')} ${found} on Docker ${version}`,
      cpus: await countCpus(run),
    };
  }
  throw new EnvironmentError(
    `--compose: expected docker compose or docker-compose beside the engine, got neither; install one (Debian: apt install docker-compose), ${INSTEAD}`,
  );
}

/** One, where the engine does not tell: every engine has it to give. */
async function countCpus(run: CommandRunner): Promise<number> {
  const { stdout } = await run(['docker', 'info', '--format', '{{.NCPU}}']);
  return Math.max(1, Number.parseInt(stdout, 10) || 1);
}
