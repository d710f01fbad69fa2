/**
 * The Node version against `engines` of package.json, which is the only place that states it.
 *
 * @module
 */
import path from 'node:path';
import process from 'node:process';
import { readJson, ROOT, SetupError } from './command.mjs';

export function requireNodeVersion() {
  const range = readJson(path.join(ROOT, 'package.json')).engines.node;
  if (satisfies(process.versions.node, range)) return;
  throw new SetupError(
    `expected Node ${range}, got ${process.versions.node}; install Node 24 from https://nodejs.org and run this again`,
  );
}

/** Understands what `engines` uses: alternatives of `^major.minor` and `>=major[.minor]`. */
function satisfies(version, range) {
  const [major, minor] = version.split('.').map(Number);
  return range.split('||').some((alternative) => {
    const match = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(alternative.trim());
    if (match === null) throw new Error(`package.json engines.node: expected ^A.B or >=A, got ${alternative}`);
    const leastMajor = Number(match[2]);
    const leastMinor = Number(match[3] || 0);
    if (major === leastMajor) return minor >= leastMinor;
    return match[1] === '>=' && major > leastMajor;
  });
}
