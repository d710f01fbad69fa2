/**
 * One set-up at a time for each checkout, so that two of them never install or build over each other.
 *
 * @module
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { announce, ROOT } from './command.mjs';

const POLL_MS = 200;

/** Runs the steps while no other process sets up this checkout; waits for its turn. */
export async function withSetupLock(steps) {
  const checkout = crypto.createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
  // Outside the checkout: node_modules and dist are replaced as a whole, and a stray file must not show in git.
  const file = path.join(os.tmpdir(), `redlock-bench-setup-${checkout}.lock`);
  await take(file);
  try {
    await steps();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

async function take(file) {
  for (let isFirstTry = true; !tryTake(file); isFirstTry = false) {
    const holder = readHolder(file);
    if (holder !== undefined && !isAlive(holder)) {
      removeStale(file);
    } else {
      if (isFirstTry) announce(`waiting for another set-up of this checkout (process ${String(holder)})`);
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }
}

function tryTake(file) {
  // Written aside and linked, so that nobody ever reads a lock without its holder.
  const draft = `${file}.${String(process.pid)}`;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function readHolder(file) {
  try {
    return Number(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Two waiters can find the same dead holder: A removes its lock and takes a new one, then B removes A's. Renaming
 * first lets B see whose lock it took away, and put it back.
 */
function removeStale(file) {
  const aside = `${file}.${String(process.pid)}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  const holder = readHolder(aside);
  if (holder !== undefined && isAlive(holder)) fs.linkSync(aside, file);
  fs.rmSync(aside, { force: true });
}
