/**
 * The certificates and the key of a scenario, read and checked before anything is connected.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { toError, UsageError } from '../model/errors.js';
import type { Scenario } from '../model/scenario.js';
import type { TlsSettings } from '../model/tls.js';

interface TlsFile {
  readonly flag: string;
  readonly what: string;
  /** What a file that holds such a thing says of itself. */
  readonly label: RegExp;
}

const CA: TlsFile = { flag: '--tls-ca', what: 'certificates', label: /-----BEGIN CERTIFICATE-----/ };
const CERT: TlsFile = { flag: '--tls-cert', what: 'a certificate', label: /-----BEGIN CERTIFICATE-----/ };
const KEY: TlsFile = { flag: '--tls-key', what: 'a private key', label: /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/ };

const PASSPHRASE = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/**
 * Reads the files that a scenario names.
 *
 * @returns undefined when it names none
 * @throws UsageError with every problem; no message quotes what a file holds
 */
export function readTlsFiles({ tlsCa, tlsCert, tlsKey }: Scenario): TlsSettings | undefined {
  if (tlsCa === undefined && tlsCert === undefined && tlsKey === undefined) return undefined;
  const problems: string[] = [];
  const read = (file: TlsFile, path: string | undefined): string | undefined => {
    if (path === undefined) return undefined;
    const { text, got } = readPem(file, path);
    if (got !== undefined) problems.push(`${file.flag}: expected ${file.what} in PEM, got ${path}, which ${got}`);
    return text;
  };
  const tls = { ca: read(CA, tlsCa), cert: read(CERT, tlsCert), key: read(KEY, tlsKey) };
  if (problems.length === 0) problems.push(...findDisagreement(tls));
  if (problems.length > 0) throw new UsageError(problems);
  return tls;
}

function readPem(file: TlsFile, path: string): { readonly text?: string; readonly got?: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    const { code } = toError(thrown) as NodeJS.ErrnoException;
    return { got: `cannot be read (${code ?? 'unknown reason'}); correct the path` };
  }
  if (!file.label.test(text)) return { got: `holds none; convert it with openssl, or name another file` };
  if (file === KEY) return PASSPHRASE.test(text) ? { got: 'has a passphrase; decrypt it with openssl pkey' } : { text };
  try {
    // The first of a list: what follows is for the server to judge.
    new X509Certificate(text);
    return { text };
  } catch {
    return { got: 'is damaged; export it again' };
  }
}

/** A key that belongs to another certificate is refused by OpenSSL, in words that need a translation. */
function findDisagreement({ cert, key }: TlsSettings): string[] {
  if (cert === undefined || key === undefined) return [];
  try {
    createSecureContext({ cert, key });
    return [];
  } catch (thrown) {
    const { code } = toError(thrown) as NodeJS.ErrnoException;
    const got = code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' ? 'the key of another certificate' : (code ?? 'neither');
    return [
      `--tls-key: expected the private key of --tls-cert, got ${got}; name the two files that were made together`,
    ];
  }
}
