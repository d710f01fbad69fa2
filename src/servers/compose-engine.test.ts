import { describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import type { CommandEnd, CommandRunner } from './compose-command.js';
import { findEngine } from './compose-engine.js';

const missing: CommandEnd = { exitCode: null, stdout: '', stderr: 'spawn ENOENT', isMissing: true };

/** Answers by the words that a command begins with; the others are missing. */
function runner(answers: Readonly<Record<string, Partial<CommandEnd>>>): CommandRunner {
  return async (words) => {
    const found = Object.entries(answers).find(([start]) => words.join(' ').startsWith(start));
    return found === undefined ? missing : { exitCode: 0, stdout: '', stderr: '', isMissing: false, ...found[1] };
  };
}

const engine = { 'docker version': { stdout: '20.10.24\n' }, 'docker info': { stdout: '8\n' } };

describe('the engine', () => {
  it('is driven by the plugin where there is one', async () => {
    const run = runner({
      ...engine,
      'docker compose': { stdout: 'v2.29.1\n' },
      'docker-compose': { stdout: '1.29.2\n' },
    });
    expect(await findEngine(run)).toEqual({
      compose: ['docker', 'compose'],
      description: 'docker compose 2.29.1 on Docker 20.10.24',
      cpus: 8,
    });
  });

  it('is driven by docker-compose where docker does not know the word compose', async () => {
    const plugin = { exitCode: 125, stderr: "unknown command: docker compose\nRun 'docker --help'" };
    const run = runner({ ...engine, 'docker compose': plugin, 'docker-compose': { stdout: '1.29.2\n' } });
    expect(await findEngine(run)).toMatchObject({
      compose: ['docker-compose'],
      description: 'docker-compose 1.29.2 on Docker 20.10.24',
    });
  });

  it.each<[string, Readonly<Record<string, Partial<CommandEnd>>>, string]>([
    ['no client', {}, 'got no docker on PATH; install one (Debian: apt install docker.io docker-compose)'],
    [
      'no engine behind it',
      { 'docker version': { exitCode: 1, stderr: 'Cannot connect to the Docker daemon at unix:///x.\n' } },
      'got "Cannot connect to the Docker daemon at unix:///x."; start it, or set DOCKER_HOST',
    ],
    ['no compose', engine, 'expected docker compose or docker-compose beside the engine, got neither'],
  ])('is missed in one line: %s', async (_, answers, words) => {
    const failure = await findEngine(runner(answers)).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(EnvironmentError);
    expect((failure as Error).message).toContain(words);
    expect((failure as Error).message).not.toContain('\n');
  });
});
