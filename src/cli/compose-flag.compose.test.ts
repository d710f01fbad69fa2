import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.js';
import { eventually } from '../servers/process-remains.fixture.js';
import { inFolder, measureCli, runCli, startCli, type Running } from './cli.fixture.js';

const SHORT = ['--duration', '1s', '--warmup', '0s'];
const isWithoutProxy = process.env['REDLOCK_BENCH_TEST_NO_PROXY'] !== undefined;

function docker(...words: string[]): string {
  return execFileSync('docker', words, { encoding: 'utf8' }).trim();
}

/** What there is of projects of the tool: on the engine, which may be somebody's own, and in the folder of temporary files. */
function projects(): string[] {
  const format = '{{.Label "com.docker.compose.project"}}';
  const listed = [
    ['ps', '-a'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ].flatMap((words) =>
    docker(...words, '--filter', 'label=com.docker.compose.project', '--format', format).split('\n'),
  );
  const found = [...listed, ...readdirSync(tmpdir())].filter((name) => /^redlock-bench-[0-9a-f]{8}(-|$)/.test(name));
  return [...new Set(found)];
}

const before = new Set(projects());

/** What has come since the tests began. */
function leftovers(): string[] {
  return projects().filter((name) => !before.has(name));
}

interface Held {
  readonly endpoints: readonly string[];
  readonly compose: string;
  readonly tlsCa: string | null;
  readonly credentialsFile: string | null;
}

interface Inspected {
  readonly Name: string;
  readonly Mounts: readonly { readonly Type: string }[];
  readonly HostConfig: {
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NanoCpus: number;
    readonly RestartPolicy: { readonly Name: string };
  };
  readonly NetworkSettings: { readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string }[] | null>> };
}

/** Starts `up` and reads what it says. */
async function holdUp(name: string): Promise<{ readonly up: Running; readonly said: Held }> {
  const up = startCli(['up', '--compose', name, '--json']);
  held.push(up);
  let text = '';
  const isSaid = new Promise<void>((resolve, reject) => {
    up.process.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.trimEnd().endsWith('}')) resolve();
    });
    void up.ended.then(({ stderr }) => {
      reject(new Error(stderr));
    });
  });
  await isSaid;
  return { up, said: JSON.parse(text) as Held };
}

function containersOf({ compose }: Held): Inspected[] {
  const ids = docker('ps', '-q', '--filter', `label=com.docker.compose.project=${compose}`).split('\n');
  return JSON.parse(docker('inspect', ...ids)) as Inspected[];
}

function judged({ health, masters, safety }: RunResult): unknown {
  const isUsable = health.verdict === 'valid' || health.verdict === 'suspect';
  return { isUsable, masters: masters.map(({ endpoint, server }) => `${server} ${endpoint}`), safety: safety.verdict };
}

const held: Running[] = [];

afterEach(async () => {
  // Of a test that failed on the way.
  for (const up of held.splice(0)) {
    up.process.kill('SIGINT');
    await up.ended;
  }
  expect(leftovers()).toEqual([]);
});

describe('run --compose', () => {
  it.each([
    ['masters-1', [7601], 'redis'],
    ['masters-3', [7601, 7602, 7603], 'redis'],
    ['masters-5', [7601, 7602, 7603, 7604, 7605], 'redis'],
    ['failover', [7611], 'redis'],
    ['tls-acl', [7621, 7622, 7623], 'rediss'],
  ])('runs on %s and leaves nothing behind', async (name, ports, scheme) => {
    const { result, exitCode } = await measureCli(['uncontended', '--compose', name, ...SHORT]);
    expect(exitCode).toBe(0);
    expect(judged(result)).toEqual({
      isUsable: true,
      masters: ports.map((port) => `redis ${scheme}://127.0.0.1:${String(port)}`),
      safety: 'none-observed',
    });
    expect(result.acquire.counts.acquired).toBeGreaterThan(0);
    expect(result.masters.map(({ config }) => [config['save'], config['appendonly']])).toEqual(
      ports.map(() => ['', 'no']),
    );
  });

  it.skipIf(isWithoutProxy)('runs through the proxies of the overlay', async () => {
    const { result, exitCode } = await measureCli(['uncontended', '--compose', 'masters-3+proxy', ...SHORT]);
    expect(exitCode).toBe(0);
    expect(result.masters.map(({ endpoint }) => endpoint)).toEqual([
      'redis://127.0.0.1:7631',
      'redis://127.0.0.1:7632',
      'redis://127.0.0.1:7633',
    ]);
  });

  it.each(['masters-3', 'failover', 'tls-acl'])('runs on %s with Valkey in the place of Redis', async (name) => {
    await inFolder(async (folder) => {
      const words = ['run', 'uncontended', '--compose', name, ...SHORT, '--json', '--out', path.join(folder, 'run')];
      const { stdout, exitCode } = await runCli(words, { REDLOCK_BENCH_IMAGE: 'valkey/valkey:8.0.1' });
      expect(exitCode).toBe(0);
      const { masters } = JSON.parse(stdout) as RunResult;
      expect(new Set(masters.map(({ server, version }) => `${server} ${version}`))).toEqual(new Set(['valkey 8.0.1']));
    });
  });

  it('takes the containers down after Ctrl-C, and keeps what was measured', async () => {
    await inFolder(async (folder) => {
      const out = path.join(folder, 'run');
      const run = startCli(['run', 'uncontended', '--compose', 'masters-1', '--duration', '60s', '--out', out]);
      await run.shows('measuring');
      run.process.kill('SIGINT');
      expect((await run.ended).exitCode).toBe(130);
      expect(existsSync(path.join(out, 'result.json'))).toBe(true);
    });
  });

  it('takes the containers down after Ctrl-C while they start', async () => {
    const run = startCli(['run', 'uncontended', '--compose', 'masters-3', '--duration', '60s']);
    await run.shows('starting masters-3');
    run.process.kill('SIGINT');
    expect((await run.ended).exitCode).toBe(130);
  });

  it('takes the containers down after the second Ctrl-C too, which ends the run at once', async () => {
    await inFolder(async (folder) => {
      const words = ['run', 'uncontended', '--compose', 'masters-1', '--duration', '60s', '--hold', '5s'];
      const run = startCli([...words, '--out', path.join(folder, 'run')]);
      await run.shows('measuring');
      // Who waits for its answers is still there for a second Ctrl-C.
      const [project = ''] = leftovers();
      const label = `label=com.docker.compose.project=${project}`;
      docker('kill', '--signal', 'STOP', docker('ps', '-q', '--filter', label, '--filter', 'name=master-1'));
      run.process.kill('SIGINT');
      await run.shows('to end at once');
      await new Promise((resolve) => setTimeout(resolve, 600));
      run.process.kill('SIGINT');
      expect((await run.ended).exitCode).toBe(130);
      await eventually(() => leftovers().length === 0, 'the containers are gone');
    });
  });

  it('takes the containers down after an error', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'file');
      await writeFile(file, '');
      const out = path.join(file, 'run');
      const { exitCode, stderr } = await runCli(['run', 'uncontended', '--compose', 'masters-1', '--out', out]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('taking the containers down');
    });
  });

  it.skipIf(isWithoutProxy)("runs on a file of the user's in another folder, behind the overlay", async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'mine.yaml');
      const service = "image: redis:7.2.7, command: [redis-server, --protected-mode, 'no'], tmpfs: [/data]";
      await writeFile(file, `services:\n  master-1: { ${service}, ports: ['127.0.0.1:7701:6379'] }\n`);
      const { result, exitCode } = await measureCli(['uncontended', '--compose', `${file}+proxy`, ...SHORT]);
      expect(exitCode).toBe(0);
      expect(result.masters.map(({ endpoint }) => endpoint)).toEqual(['redis://127.0.0.1:7631']);
      expect(readdirSync(folder)).toEqual(['mine.yaml']);
    });
  });

  it('says of a master that ends at once what its last words were', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'mine.yaml');
      const service = 'image: redis:7.2.7, command: [redis-server, --no-such-setting, x], tmpfs: [/data]';
      await writeFile(file, `services:\n  master-1: { ${service}, ports: ['127.0.0.1:7701:6379'] }\n`);
      const { exitCode, stderr } = await runCli(['run', 'uncontended', '--compose', file, ...SHORT]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('no-such-setting');
    });
  });

  it('says in one line which ports are taken', async () => {
    const server = createServer().listen(7601, '127.0.0.1');
    try {
      const { exitCode, stderr } = await runCli(['run', '--compose', 'masters-3']);
      expect(exitCode).toBe(2);
      expect(stderr).toBe(
        'redlock-bench: --compose masters-3: expected free ports on 127.0.0.1, got 7601 taken; end what listens there\n',
      );
    } finally {
      server.close();
    }
  });
});

describe('up --compose', () => {
  it.each(['masters-3', 'failover', 'tls-acl'])(
    'holds %s: bound to this machine only, within limits, without a volume, until Ctrl-C',
    async (name) => {
      const { up, said } = await holdUp(name);
      const containers = containersOf(said);
      const hosts = containers.flatMap(({ NetworkSettings }) =>
        Object.values(NetworkSettings.Ports).flatMap((bound) => (bound ?? []).map(({ HostIp }) => HostIp)),
      );
      expect(new Set(hosts)).toEqual(new Set(['127.0.0.1']));
      expect(hosts.length).toBeGreaterThanOrEqual(said.endpoints.length);
      for (const { HostConfig, Mounts } of containers) {
        expect(HostConfig.Memory).toBeGreaterThan(0);
        expect(HostConfig.MemorySwap).toBe(HostConfig.Memory);
        expect(HostConfig.NanoCpus).toBeGreaterThan(0);
        expect(HostConfig.RestartPolicy.Name).toMatch(/^(no)?$/);
        expect(Mounts.filter(({ Type }) => Type === 'volume')).toEqual([]);
      }
      up.process.kill('SIGINT');
      expect((await up.ended).exitCode).toBe(0);
    },
  );

  it('is what a second command can run on, with the user and the authority that it names', async () => {
    const { up, said } = await holdUp('tls-acl');
    const credentials = readFileSync(said.credentialsFile!, 'utf8');
    const environment = Object.fromEntries(
      credentials.split('\n').flatMap((line) => (line.includes('=') ? [line.split('=') as [string, string]] : [])),
    );
    const password = environment['REDLOCK_BENCH_PASSWORD']!;
    expect(password.length).toBeGreaterThan(20);
    await inFolder(async (folder) => {
      const endpoints = said.endpoints.flatMap((endpoint) => ['--endpoint', endpoint]);
      const words = [
        'run',
        'contended',
        ...endpoints,
        '--tls-ca',
        said.tlsCa!,
        ...SHORT,
        '--out',
        path.join(folder, 'run'),
      ];
      const { exitCode, stdout, stderr } = await runCli(words, environment);
      expect([exitCode, stderr.includes(password), stdout.includes(password)]).toEqual([0, false, false]);
      const without = await runCli(words.slice(0, -1).concat(path.join(folder, 'other')));
      expect(without.exitCode).toBe(2);
      expect(without.stderr).toMatch(/NOAUTH|expected a user/);
    });
    up.process.kill('SIGINT');
    await up.ended;
  });

  it('holds a failover: the replica is promoted when the master is killed, at an address that clients here can reach', async () => {
    const { up, said } = await holdUp('failover');
    const of = (service: string): string => docker('ps', '-q', '--filter', `name=${said.compose}[-_]${service}`);
    const ask = (): string[] =>
      docker('exec', of('sentinel-1'), 'redis-cli', '-p', '7616', 'sentinel', 'get-master-addr-by-name', 'locks').split(
        /\s+/,
      );
    expect(ask()).toEqual(['127.0.0.1', '7611']);
    docker('kill', of('master'));
    await eventually(() => ask().join(':') === '127.0.0.1:7612', 'sentinel names the replica');
    expect(docker('exec', of('replica'), 'redis-cli', '-p', '7612', 'role')).toMatch(/^master/);
    up.process.kill('SIGINT');
    expect((await up.ended).exitCode).toBe(0);
  });
});
