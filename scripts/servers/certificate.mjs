/**
 * A certificate for tests over TLS: its own authority, shown by servers and by clients.
 *
 * @module
 */
import fs from 'node:fs';
import path from 'node:path';
import { runCommand } from '../setup/command.mjs';

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
const NAMES = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];

/** Makes it anew in a folder; undefined where there is no openssl. */
export async function makeCertificate(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const [certificate, key] = [path.join(folder, 'test.crt'), path.join(folder, 'test.key')];
  const { succeeded } = await runCommand('openssl', [
    'req',
    '-x509',
    ...CURVE,
    ...NAMES,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  return succeeded ? { certificate, key } : undefined;
}
