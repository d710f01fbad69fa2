/**
 * The packages of package-lock.json, installed without running any of their scripts.
 *
 * @module
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { announce, readJson, ROOT, runCommand, SetupError } from './command.mjs';

const LOCK_FILE = path.join(ROOT, 'package-lock.json');
const MODULES = path.join(ROOT, 'node_modules');
const STAMP = path.join(MODULES, '.redlock-bench-setup.json');
/** Some packages ship one binary a platform, so a folder copied from another machine will not do. */
const PLATFORM = `${process.platform}-${process.arch}`;

export function areDependenciesInstalled() {
  const stamp = readJson(STAMP);
  if (stamp !== undefined && stamp.platform !== PLATFORM) return false;
  if (stamp !== undefined && stamp.lockHash === hashLockFile()) return true;
  if (!didNpmInstallTheLockFile()) return false;
  writeStamp();
  return true;
}

export async function installDependencies() {
  announce('installing dependencies (npm ci)');
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const lockHash = hashLockFile();
  // `npm start` names the npm that is running; a bare `node scripts/setup.mjs` has only PATH.
  const npm = process.env.npm_execpath || '';
  const isNpm = path.basename(npm) === 'npm-cli.js';
  const { succeeded, ending, output } = await (isNpm
    ? runCommand(process.execPath, [npm, ...args])
    : runCommand('npm', args));
  if (!succeeded) {
    throw new SetupError(`npm ci failed (${ending}); its output is above: mend that and run this again`, { output });
  }
  writeStamp(lockHash);
}

/** Whether a developer's own npm install or npm ci already put exactly the locked versions in place. */
function didNpmInstallTheLockFile() {
  const locked = readJson(LOCK_FILE);
  const installed = readJson(path.join(MODULES, '.package-lock.json'));
  if (locked === undefined || installed === undefined) return false;
  const isInPlace = ([folder, { version, integrity, optional }]) => {
    const there = installed.packages[folder];
    if (there === undefined) return folder === '' || optional === true;
    return there.version === version && there.integrity === integrity;
  };
  return Object.entries(locked.packages).every(isInPlace);
}

function writeStamp(lockHash = hashLockFile()) {
  fs.writeFileSync(STAMP, JSON.stringify({ lockHash, platform: PLATFORM }));
}

function hashLockFile() {
  return crypto.createHash('sha256').update(fs.readFileSync(LOCK_FILE)).digest('hex');
}
