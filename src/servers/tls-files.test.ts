import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { completeScenario, validateScenario } from '../model/scenario.js';
import { readEndpoints } from './endpoints.js';
import { readTlsFiles } from './tls-files.js';

let folder = '';
const at = (name: string): string => join(folder, name);
const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redlock-tls-'));
  await writeFile(at('no.pem'), 'not a certificate');
  await writeFile(at('damaged.pem'), '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
  await writeFile(at('locked.pem'), '-----BEGIN ENCRYPTED PRIVATE KEY-----\nx\n-----END ENCRYPTED PRIVATE KEY-----\n');
  if (!hasOpenssl) return;
  for (const name of ['one', 'two']) {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)];
    await run('openssl', ['req', '-x509', ...curve, '-subj', '/CN=localhost', ...files]);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function refusal(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
  }
  return [];
}

const scenarioOf = (files: { tlsCa?: string; tlsCert?: string; tlsKey?: string }, endpoint = 'rediss://localhost:1') =>
  completeScenario({ endpoints: [endpoint, 'redis://127.0.0.1:2'], ...files }, 1);

describe('the files for TLS', () => {
  it('are refused together, each with one line: not there, not PEM, damaged, with a passphrase', () => {
    const files = { tlsCa: at('nowhere.pem'), tlsCert: at('no.pem'), tlsKey: at('locked.pem') };
    expect(refusal(() => readTlsFiles(scenarioOf(files)))).toEqual([
      `--tls-ca: expected certificates in PEM, got ${files.tlsCa}, which cannot be read (ENOENT); correct the path`,
      `--tls-cert: expected a certificate in PEM, got ${files.tlsCert}, which holds none; convert it with openssl, or name another file`,
      `--tls-key: expected a private key in PEM, got ${files.tlsKey}, which has a passphrase; decrypt it with openssl pkey`,
    ]);
    expect(refusal(() => readTlsFiles(scenarioOf({ tlsCa: at('damaged.pem') })))[0]).toContain('which is damaged');
  });

  it.skipIf(!hasOpenssl)('are refused where the key belongs to another certificate', () => {
    const files = { tlsCert: at('one.crt'), tlsKey: at('two.key') };
    expect(refusal(() => readTlsFiles(scenarioOf(files)))).toEqual([
      '--tls-key: expected the private key of --tls-cert, got the key of another certificate; name the two files that were made together',
    ]);
  });

  it.skipIf(!hasOpenssl)('go to the endpoints that ask for TLS, and to no other', () => {
    const [secure, plain] = readEndpoints(scenarioOf({ tlsCa: at('one.crt') }), {});
    expect(secure!.socket).toMatchObject({ tls: { ca: expect.stringContaining('BEGIN CERTIFICATE') as string } });
    expect(plain!.socket).toMatchObject({ tls: false });
  });

  it('need an endpoint with TLS, and a certificate needs its key', () => {
    expect(validateScenario(scenarioOf({ tlsCert: '/a' }, 'redis://localhost:1'))).toEqual([
      '--tls-key: expected with --tls-cert, got only that; a certificate and its private key go together',
      '--tls-ca, --tls-cert, --tls-key: expected an --endpoint that begins with rediss://, got none; nothing else speaks TLS: correct the URL, or drop them',
    ]);
    expect(validateScenario(scenarioOf({ tlsCa: '/a' }))).toEqual([]);
  });
});
