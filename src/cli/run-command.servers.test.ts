import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEndpoint } from '../model/endpoint.js';
import { startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import { allowedRights } from '../redlock/rights.fixture.js';
import { inFolder, runCli } from './cli.fixture.js';

const USER = 'bench';
const CANARY = 'canary-7f3a';

let masters: TestMaster[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
  for (const { admin } of masters) {
    const rights = await allowedRights(admin, 'redlock-bench:', 'tool');
    await admin.acl('SETUSER', USER, 'reset', 'on', `>${CANARY}`, ...rights);
    await admin.acl('LOG', 'RESET');
  }
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});

it.each(['ioredis', 'wire'])(
  'a run over %s as a user with the rights of the tool is whole, and keeps its secrets',
  async (transport) => {
    await inFolder(async (folder) => {
      const flags = [
        ...masters.flatMap(({ endpoint }) => ['--endpoint', describeEndpoint(endpoint)]),
        '--transport',
        transport,
      ];
      const { socket } = masters[0]!.endpoint;
      const tls = socket.kind === 'tcp' && typeof socket.tls === 'object' ? socket.tls : {};
      for (const part of ['ca', 'cert', 'key'] as const) {
        const text = tls[part];
        if (text === undefined) continue;
        const file = path.join(folder, `${part}.pem`);
        await writeFile(file, text);
        flags.push(`--tls-${part}`, file);
      }
      const out = path.join(folder, 'run');
      // The connection of the test itself is a client, too.
      const words = [
        'run',
        ...flags,
        '--allow-shared',
        '--keys',
        'uniform:2',
        '--workers',
        '2',
        '--warmup',
        '200ms',
        '--duration',
        '600ms',
      ];
      const ended = await runCli([...words, '--json', '--out', out], {
        REDLOCK_BENCH_USERNAME: USER,
        REDLOCK_BENCH_PASSWORD: CANARY,
      });
      expect(ended.exitCode, ended.stderr).toBe(0);
      const result = JSON.parse(ended.stdout) as RunResultPart;
      expect(result.acquire.counts.acquired).toBeGreaterThan(10);
      expect(result.safety).toMatchObject({ verdict: 'none-observed', leakedKeys: 0 });
      for (const master of result.masters) expect(master.config['hz']).toBe('10');
      const denied = await Promise.all(masters.map(({ admin }) => admin.acl('LOG')));
      expect(denied.flat().map((entry) => String(entry))).toEqual([]);

      const written = [ended.stdout, ended.stderr];
      for (const file of ['manifest.json', 'result.json', 'report.html'])
        written.push(await readFile(path.join(out, file), 'utf8'));
      const secrets = [CANARY, 'PRIVATE KEY', ...(tls.key ?? '').split('\n').filter((line) => line.length > 40)];
      for (const secret of secrets) expect(written.filter((text) => text.includes(secret))).toEqual([]);
    });
  },
);

interface RunResultPart {
  readonly acquire: { readonly counts: { readonly acquired: number } };
  readonly safety: object;
  readonly masters: readonly { readonly config: Readonly<Record<string, string>> }[];
}
