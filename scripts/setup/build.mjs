/**
 * The build: dist/ as tsc makes it from src/ and bench/, renewed when a source changed.
 *
 * @module
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { announce, readJson, ROOT, runCommand, SetupError } from './command.mjs';

const DIST = path.join(ROOT, 'dist');
/** Beside dist and on its disk, so that one rename puts it in place. */
const NEXT = path.join(ROOT, '.dist-next');
const STAMP_NAME = '.build-stamp.json';
const SOURCES = ['src', 'bench', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'];

export function isBuilt() {
  const stamp = readJson(path.join(DIST, STAMP_NAME));
  return stamp !== undefined && stamp.sources === fingerprintSources();
}

export async function build() {
  announce('building (tsc)');
  // Taken before the build, so that a source that changes meanwhile is built the next time.
  const sources = fingerprintSources();
  fs.rmSync(NEXT, { recursive: true, force: true });
  try {
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', NEXT];
    const { succeeded, ending, output } = await runCommand(process.execPath, args);
    if (!succeeded) {
      throw new SetupError(`tsc failed (${ending}); its output is above: mend that and run this again`, { output });
    }
    fs.writeFileSync(path.join(NEXT, STAMP_NAME), JSON.stringify({ sources }));
    // A finished build takes the place of the old one whole: no file of a deleted source stays, a failed build changes nothing.
    fs.rmSync(DIST, { recursive: true, force: true });
    fs.renameSync(NEXT, DIST);
  } finally {
    fs.rmSync(NEXT, { recursive: true, force: true });
  }
}

/** Paths, sizes and times of everything that the build reads, tests left out. */
function fingerprintSources() {
  const hash = crypto.createHash('sha256');
  for (const name of SOURCES) addToHash(hash, path.join(ROOT, name));
  return hash.digest('hex');
}

function addToHash(hash, file) {
  const stat = fs.statSync(file);
  if (stat.isDirectory()) {
    for (const name of fs.readdirSync(file).sort()) addToHash(hash, path.join(file, name));
  } else if (!file.endsWith('.test.ts')) {
    hash.update(`${path.relative(ROOT, file)}\0${String(stat.size)}\0${String(stat.mtimeMs)}\n`);
  }
}
