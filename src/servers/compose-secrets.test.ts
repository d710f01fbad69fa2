import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandRunner } from './compose-command.js';
import { fillUsers, makeSecrets } from './compose-secrets.js';
import { findOnPath } from './locate.js';

const template = readFileSync(new URL('../../compose/users.acl', import.meta.url), 'utf8');

const hasOpenssl = findOnPath('openssl', process.env) !== undefined;

describe('users', () => {
  it('are one a line, without comments, with the SHA-256 of the passwords', () => {
    const users = fillUsers('# a word\nuser a on #@LOCK@ -@all\n +get\nuser b on #@ADMIN@\n', {
      LOCK: 'secret',
      ADMIN: 'other',
    });
    expect(users.split('\n')).toEqual([
      'user a on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b -@all +get',
      'user b on #d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa',
      '',
    ]);
  });

  it('may do what a lock needs and what a run asks beside it, on keys of a run only', () => {
    const lock = fillUsers(template, {})
      .split('\n')
      .find((line) => line.startsWith('user lock'));
    const readme = readFileSync(new URL('../redlock/README.md', import.meta.url), 'utf8');
    const rights = /-@all (\+[^`]*)/.exec(readme)?.[1]?.trim().split(/\s+/) ?? [];
    // Older servers refuse a list with commands that they do not know.
    const known = rights.filter((right) => !['+delex', '+delifeq'].includes(right));
    expect(known.length).toBeGreaterThan(10);
    expect(lock?.split(' ')).toEqual(expect.arrayContaining([...known, '~redlock-bench:*', '&redlock:*', '-@all']));
  });
});

describe('secrets', () => {
  it.skipIf(!hasOpenssl)('stand in a folder of theirs, tell the servers no password, and are removed', async () => {
    const secrets = await makeSecrets(commandRunner(process.env), 'project-1', template);
    const root = path.dirname(secrets.folder);
    expect(path.basename(root)).toMatch(/^project-1-secrets-/);
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(statSync(secrets.credentialsFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(secrets.credentialsFile, 'utf8')).toContain(`REDLOCK_BENCH_PASSWORD=${secrets.password}\n`);
    expect(readFileSync(path.join(secrets.folder, 'users.acl'), 'utf8')).not.toContain(secrets.password);
    const checked = await commandRunner(process.env)([
      ...['openssl', 'verify', '-verify_ip', '127.0.0.1', '-CAfile', secrets.tlsCa],
      path.join(secrets.folder, 'server.crt'),
    ]);
    expect(checked.exitCode).toBe(0);
    expect(existsSync(path.join(root, 'ca.key'))).toBe(false);
    secrets.remove();
    expect(existsSync(root)).toBe(false);
  });

  it('need openssl, and say so', async () => {
    const run = async () => ({ exitCode: null, stdout: '', stderr: 'spawn ENOENT', isMissing: true });
    await expect(makeSecrets(run, 'project-1', template)).rejects.toThrow('expected openssl on PATH');
  });
});
