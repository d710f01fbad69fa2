import path from 'node:path';
import process from 'node:process';
import { defineConfig } from 'vitest/config';
import { makeCertificate } from './scripts/servers/certificate.mjs';
import { cacheFolder, prepareServers } from './scripts/servers/prepare.mjs';

// The client and the tool against servers of several kinds and ages: everything over one way, the core over every way.
const KIND_SUITE = 'src/redlock/kind.servers.test.ts';
const WHOLE_SUITES = ['src/redlock/**/*.redis.test.ts', KIND_SUITE];
const CORE_SUITES = ['src/redlock/ways.servers.test.ts'];
const RUN_SUITES = ['src/cli/run-command.servers.test.ts'];
const PROTOCOLS = ['2', '3'];
/** Where what is missing could be installed, nothing may be skipped. */
const IS_STRICT = process.env.CI === 'true';

const projects = [];
const certificate = await makeCertificate(path.join(cacheFolder(), 'certificate'));
const tls = certificate && { REDLOCK_TEST_CERTIFICATE: certificate.certificate, REDLOCK_TEST_KEY: certificate.key };
if (tls === undefined) miss('tls', 'it needs openssl');
for (const { name, path: server, reason } of await prepareServers()) {
  if (server === undefined) {
    miss(name, reason);
    continue;
  }
  const found = { REDLOCK_TEST_SERVER: name, REDLOCK_BENCH_SERVER: server };
  add(`${name} whole`, WHOLE_SUITES, found);
  for (const socket of tls === undefined ? ['unix', 'tcp'] : ['unix', 'tcp', 'tls']) {
    for (const protocol of PROTOCOLS) {
      const way = { REDLOCK_TEST_SOCKET: socket, REDLOCK_TEST_PROTOCOL: protocol, REDLOCK_TEST_USER: 'least' };
      const suites = protocol === '3' ? [...CORE_SUITES, ...RUN_SUITES] : CORE_SUITES;
      add(`${name} ${socket} RESP${protocol}`, suites, { ...found, ...way, ...tls });
    }
  }
}

function miss(name, reason) {
  const env = { REDLOCK_TEST_SERVER: name, REDLOCK_TEST_MISSING: reason };
  add(name, [KIND_SUITE], IS_STRICT ? { ...env, REDLOCK_TEST_STRICT: 'true' } : env);
}

function add(name, include, env) {
  projects.push({ test: { name, include, env, testTimeout: 30_000, hookTimeout: 30_000 } });
}

export default defineConfig({ test: { projects, maxWorkers: 3, retry: 1 } });
