/**
 * Certificates and users for one start of containers, in a folder that only this user can enter.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CREDENTIAL_VARIABLES } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { lastWords, type CommandRunner } from './compose-command.js';

/** What clients need to reach masters that want TLS and a user. */
export interface ComposeSecrets {
  /** What is mounted into the containers. */
  readonly folder: string;
  /** The authority that signed the masters' certificate. */
  readonly tlsCa: string;
  /** Lines of `NAME=value` for a shell, readable by this user alone. */
  readonly credentialsFile: string;
  readonly username: string;
  readonly password: string;
  remove(): void;
}

const PASSWORD_BYTES = 24;
const DAYS = '7';
const USERNAME = 'lock';

/** How the folder of a project's secrets begins: who finds one knows whose it is. */
export function secretsPrefix(project: string): string {
  return `${project}-secrets-`;
}

/**
 * Makes an authority, a certificate for 127.0.0.1 and localhost, and users with new passwords, of which the servers get
 * the hashes.
 *
 * @param project as the engine knows it
 * @param usersTemplate users.acl, with `@LOCK@` and `@ADMIN@` in the place of hashes
 * @throws EnvironmentError without openssl
 */
export async function makeSecrets(run: CommandRunner, project: string, usersTemplate: string): Promise<ComposeSecrets> {
  // Nobody else passes this folder, so the mounted files below it may be read by whatever user a container runs as.
  const root = mkdtempSync(join(tmpdir(), secretsPrefix(project)));
  const remove = (): void => {
    rmSync(root, { recursive: true, force: true });
  };
  try {
    const folder = join(root, 'mounted');
    mkdirSync(folder);
    await makeCertificates(run, root, folder);
    const [password, adminPassword] = [newPassword(), newPassword()];
    writeFileSync(join(folder, 'users.acl'), fillUsers(usersTemplate, { LOCK: password, ADMIN: adminPassword }));
    chmodSync(folder, 0o755);
    for (const file of ['ca.crt', 'server.crt', 'server.key', 'users.acl']) chmodSync(join(folder, file), 0o644);
    const credentialsFile = join(root, 'credentials.env');
    const lines = [
      `${CREDENTIAL_VARIABLES.username}=${USERNAME}`,
      `${CREDENTIAL_VARIABLES.password}=${password}`,
      `ADMIN_PASSWORD=${adminPassword}`,
    ];
    writeFileSync(credentialsFile, `${lines.join('\n')}\n`, { mode: 0o600 });
    return { folder, tlsCa: join(folder, 'ca.crt'), credentialsFile, username: USERNAME, password, remove };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

/** The users, without comments, with the SHA-256 of the passwords; a line that begins with a space continues the one above. */
export function fillUsers(template: string, passwords: Readonly<Record<string, string>>): string {
  const users = template
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .join('\n')
    .replaceAll('\n ', ' ');
  const filled = users.replace(/@(LOCK|ADMIN)@/g, (_, user: string) =>
    createHash('sha256')
      .update(passwords[user] ?? '')
      .digest('hex'),
  );
  return `${filled}\n`;
}

async function makeCertificates(run: CommandRunner, root: string, folder: string): Promise<void> {
  const at = (name: string): string => join(root, name);
  const to = (name: string): string => join(folder, name);
  const newKey = ['req', '-newkey', 'rsa:2048', '-nodes', '-config', at('request.cnf')];
  writeFileSync(at('request.cnf'), REQUEST);
  writeFileSync(at('server.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const steps = [
    [...newKey, '-x509', '-days', DAYS, '-extensions', 'authority', '-subj', '/CN=redlock-bench for one start'].concat([
      '-keyout',
      at('ca.key'),
      '-out',
      to('ca.crt'),
    ]),
    [...newKey, '-subj', '/CN=localhost', '-keyout', to('server.key'), '-out', at('server.csr')],
    ['x509', '-req', '-sha256', '-days', DAYS, '-in', at('server.csr'), '-extfile', at('server.cnf')]
      .concat(['-CA', to('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-CAserial', at('serial')])
      .concat(['-out', to('server.crt')]),
  ];
  for (const step of steps) {
    const end = await run(['openssl', ...step]);
    if (end.exitCode === 0) continue;
    throw new EnvironmentError(
      end.isMissing
        ? '--compose: expected openssl on PATH, which makes the certificates of this start, got none; install it (Debian: apt install openssl)'
        : `--compose: expected certificates from openssl ${step[0] ?? ''}, got "${lastWords(end)}"`,
    );
  }
  // Nothing more is signed.
  rmSync(at('ca.key'));
}

const REQUEST = `[req]
distinguished_name = name
prompt = no
[name]
CN = redlock-bench
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
`;

function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url');
}
