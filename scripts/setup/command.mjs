/**
 * Commands that set-up runs: announced before, quiet unless they fail.
 *
 * @module
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What ends set-up: one line for the user, and the output of the command that failed. */
export class SetupError extends Error {
  constructor(message, { output = '', exitCode = 1 } = {}) {
    super(message);
    this.name = 'SetupError';
    this.output = output;
    this.exitCode = exitCode;
  }
}

/** Says what is about to happen. On stderr, because stdout may be a result that another program reads. */
export function announce(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/**
 * Runs a command to its end without input; resolves to its success and everything it printed. A signal that would end
 * set-up ends the command first, so that nothing goes on behind a set-up that is gone.
 */
export function runCommand(command, args) {
  return new Promise((settle, fail) => {
    const child = childProcess.spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let interruption = null;
    const keep = (text) => {
      output += text;
    };
    const interrupt = (signal) => {
      interruption = signal;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, interrupt);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      output += error.message;
    });
    child.once('close', (exitCode, signal) => {
      for (const name of signals) process.off(name, interrupt);
      if (interruption !== null) {
        fail(new SetupError(`interrupted (${interruption})`, { exitCode: 128 + os.constants.signals[interruption] }));
      } else {
        const ending = signal === null ? `exit code ${String(exitCode)}` : signal;
        settle({ succeeded: exitCode === 0, ending, output });
      }
    });
  });
}

export function isOnPath(name) {
  return (process.env.PATH || '').split(path.delimiter).some((folder) => {
    try {
      fs.accessSync(path.join(folder, name), fs.constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Reads a JSON file; undefined when there is none, or half of one. */
export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
