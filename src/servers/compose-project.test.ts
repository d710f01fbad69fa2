import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EnvironmentError, GuardError } from '../model/errors.js';
import { startCompose, type ComposeProject } from './compose-project.js';
import type { ComposeTopology } from './compose-topology.js';

const TOPOLOGY: ComposeTopology = {
  name: 'masters-2',
  files: ['masters-2.yaml'],
  endpoints: ['redis://127.0.0.1:7001', 'redis://127.0.0.1:7002'],
  ports: [],
  images: ['redis:7.2.7'],
  services: ['a', 'b'],
  areShared: false,
  wantsSecrets: false,
  isForeign: false,
};

function container(Id: string, more: object = {}, ports: object = { '6379/tcp': [{ HostIp: '127.0.0.1' }] }): object {
  return {
    Id,
    Name: `/${Id}`,
    State: { Status: 'running', ExitCode: 0 },
    Config: { Healthcheck: { Test: ['CMD', 'ping'] } },
    HostConfig: { NetworkMode: 'x', PortBindings: ports },
    ...more,
  };
}

function inspected(...containers: readonly object[]): string {
  return `echo '${JSON.stringify(containers)}'`;
}

/** What an engine that works says to words of these shapes, in shell. */
const WORKING: Readonly<Record<string, string>> = {
  'version*': 'echo 27.0.0',
  'compose version*': 'echo 2.29.1',
  'info*': 'echo 4',
  'compose*up -d': 'true',
  'compose*ps -a -q': 'echo a; echo b',
  'compose*down*': 'true',
  'inspect*': inspected(container('a'), container('b')),
  'exec*': 'true',
  'logs*': 'echo no memory',
};

/** The shell waits for its child, as docker does for its plugin. */
const PULL = `sh -c 'echo pulling >> "$0"; exec sleep 60' "$(dirname "$0")/log"; true`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Scene {
  /** Every command so far. */
  readonly said: () => readonly string[];
  readonly start: (signal?: AbortSignal, healthTimeoutMs?: number) => Promise<ComposeProject>;
}

/** A `docker` of our own, which answers as an engine that works but where it is told otherwise. */
function engine(answers: Readonly<Record<string, string>> = {}, topology: Partial<ComposeTopology> = {}): Scene {
  const folder = mkdtempSync(path.join(tmpdir(), 'redlock-bench-test-'));
  folders.push(folder);
  const log = path.join(folder, 'log');
  writeFileSync(log, '');
  const cases = Object.entries({ ...WORKING, ...answers }).map(
    ([shape, answer]) => `${shape.replaceAll(' ', '\\ ')}) ${answer} ;;`,
  );
  const program = path.join(folder, 'docker');
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${log}\ncase "$*" in\n${cases.join('\n')}\nesac\n`);
  chmodSync(program, 0o755);
  const environment = { ...process.env, PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` };
  return {
    said: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
    start: (signal = new AbortController().signal, healthTimeoutMs = 5_000) =>
      startCompose({ ...TOPOLOGY, ...topology }, environment, signal, () => undefined, healthTimeoutMs),
  };
}

async function failureOf(starting: Promise<unknown>): Promise<Error> {
  return starting.then(
    () => new Error('it started'),
    (thrown: unknown) => thrown as Error,
  );
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The commands of a project, without its name and files. */
function composed(said: readonly string[]): string[] {
  return said.flatMap((line) => / -f \S+ (?!-f)(\w+)/.exec(line)?.[1] ?? []);
}

describe('containers', () => {
  it('are started, checked at once, and taken down', async () => {
    const { said, start } = engine();
    const project = await start();
    expect(project.name).toMatch(/^redlock-bench-[0-9a-f]{8}$/);
    expect(said().filter((line) => line.startsWith('exec'))).toEqual(['exec a ping', 'exec b ping']);
    const exitListeners = process.listenerCount('exit');
    await project[Symbol.asyncDispose]();
    expect(process.listenerCount('exit')).toBe(exitListeners - 1);
    expect(composed(said())).toEqual(['up', 'ps', 'down']);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'fewer containers than services',
      { 'compose*ps -a -q': 'echo a' },
      'expected a container for each of a, b, got 1',
    ],
    ['no list of them', { 'compose*ps -a -q': 'echo sorry >&2; exit 1' }, 'got "sorry"'],
    ['one that is gone', { 'inspect*': 'echo "[]"; echo "no such object: a" >&2; exit 1' }, 'got "no such object: a"'],
    [
      'one that ended',
      { 'inspect*': inspected(container('a', { State: { Status: 'exited', ExitCode: 137 } }), container('b')) },
      'expected a to run, got exit code 137; its last words:\n  no memory',
    ],
    [
      'a master that ended without a complaint',
      { 'inspect*': inspected(container('a', { State: { Status: 'exited', ExitCode: 0 } }), container('b')) },
      'expected a to run, got exit code 0',
    ],
  ])('are not taken for healthy with %s, and are taken down', async (_, answers, words) => {
    const { said, start } = engine(answers);
    const failure = await failureOf(start());
    expect(failure).toBeInstanceOf(EnvironmentError);
    expect(failure.message).toContain(words);
    expect(composed(said()).at(-1)).toBe('down');
  });

  it('may have one that prepares the others, offers nothing and has ended well', async () => {
    const done = { State: { Status: 'exited', ExitCode: 0 } };
    const { start } = engine({ 'inspect*': inspected(container('a', done, {}), container('b')) });
    await using project = await start();
    expect(project.secrets).toBeUndefined();
  });

  it.each([
    [container('a', {}, { '6379/tcp': [{ HostIp: '' }] }), 'got a with a port on every address'],
    [container('a', {}, { '6379/tcp': [{ HostIp: '0.0.0.0' }] }), 'got a with a port on 0.0.0.0'],
    [container('a', { HostConfig: { NetworkMode: 'host', PortBindings: null } }), 'got a with the network of the host'],
  ])('are refused when others can reach them, whatever their files seemed to say', async (open, words) => {
    const { said, start } = engine({ 'inspect*': inspected(open, container('b')) });
    const failure = await failureOf(start());
    expect(failure).toBeInstanceOf(GuardError);
    expect(failure.message).toContain(words);
    expect(composed(said()).at(-1)).toBe('down');
  });

  it('are given up when a health check never ends', async () => {
    const { start } = engine({ 'exec*': 'exec sleep 60' });
    expect((await failureOf(start(undefined, 300))).message).toContain('expected a to be healthy within 300 ms');
  });

  it('are not started after Ctrl-C before', async () => {
    const { said, start } = engine({ 'version*': 'exec sleep 60' });
    const controller = new AbortController();
    const starting = failureOf(start(controller.signal));
    await until(() => said().length > 0);
    controller.abort();
    expect((await starting).name).toBe('AbortError');
    expect(said()).toEqual(['version --format {{.Server.Version}}']);
  });

  it('come no further after Ctrl-C while a plugin pulls: the plugin hears of it, too', async () => {
    const { said, start } = engine({ 'compose*up -d': PULL });
    const controller = new AbortController();
    const starting = failureOf(start(controller.signal));
    await until(() => said().includes('pulling'));
    controller.abort();
    expect((await starting).name).toBe('AbortError');
    expect(composed(said())).toEqual(['up', 'down']);
  });

  it('that compose cannot take down are removed by the label of their project', async () => {
    const { said, start } = engine({
      'compose*down*': 'exit 1',
      'ps -aq*': 'echo c1; echo c2',
      'network ls*': 'echo n1',
    });
    await (await start())[Symbol.asyncDispose]();
    expect(
      said()
        .slice(-5)
        .filter((line) => !line.includes('--filter')),
    ).toEqual(['rm -fv c1 c2', 'network rm n1']);
  });

  it('that fail to start and to end are reported with both reasons, the first one first', async () => {
    const { start } = engine({
      'compose*up -d': 'echo "line 3: unknown key" >&2; exit 1',
      'compose*down*': 'echo "engine away" >&2; exit 1',
      'ps -aq*': 'exit 1',
    });
    const [first = '', ...rest] = (await failureOf(start())).message.split('\n--compose ');
    expect(first).toContain('line 3: unknown key');
    expect(rest.join()).toContain('expected to take the containers down, got "engine away"; try docker ps -aq');
  });

  it('that stay after Ctrl-C are named, instead of no word', async () => {
    const { said, start } = engine({
      'compose*up -d': PULL,
      'compose*down*': 'exit 1',
      'ps -aq*': 'exit 1',
    });
    const controller = new AbortController();
    const starting = failureOf(start(controller.signal));
    await until(() => said().includes('pulling'));
    controller.abort();
    expect((await starting).message).toContain('expected to take the containers down');
  });

  it('of overlays are told where their own files are, whatever the first file is', async () => {
    const { said, start } = engine(
      { 'compose*up -d': 'echo "$REDLOCK_BENCH_COMPOSE_DIR" >> "$(dirname "$0")/log"' },
      { files: ['/elsewhere/mine.yaml', '/ours/proxy.yaml'] },
    );
    await using project = await start();
    const folder = said()[said().findIndex((line) => line.endsWith('up -d')) + 1] ?? '';
    expect(readFileSync(path.join(folder, 'toxiproxy.json'), 'utf8')).toContain('master-1');
    expect(project.name).not.toBe('');
  });
});
