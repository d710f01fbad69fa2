/**
 * The machine and the software that a result was measured with.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import type { Environment } from './result.js';

/** The client libraries whose versions change what is measured. */
const LIBRARIES = ['ioredis', 'hdr-histogram-js', 'piscina'];

/** Describes this host for a result. */
export function describeHost(): Environment {
  const cpus = os.cpus();
  return {
    tool: toolVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    kernel: os.release(),
    cpuModel: cpus[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    libraries: Object.fromEntries(LIBRARIES.map((name) => [name, libraryVersion(name)])),
  };
}

/** The name and version of this package. */
export function toolVersion(): { name: string; version: string } {
  const manifest = readManifest(new URL('../../../package.json', import.meta.url));
  return { name: 'redlock-bench', version: manifest?.version ?? 'unknown' };
}

function libraryVersion(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  // A package's exports may hide its package.json, so it is looked for upwards from the entry.
  for (let folder = new URL('.', `file://${entry}`); folder.pathname !== '/'; folder = new URL('..', folder)) {
    const manifest = readManifest(new URL('package.json', folder));
    if (manifest?.name === name) return manifest.version;
  }
  return 'unknown';
}

function readManifest(url: URL): { name: string; version: string } | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(url, 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    const { name, version } = manifest as Record<string, unknown>;
    return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined;
  } catch {
    return undefined;
  }
}
