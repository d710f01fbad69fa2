/**
 * An engine for the tests of the compose files: the one that runs, or one of our own on a private socket.
 *
 * @module
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { aptInstaller, installPackages } from '../setup/apt.mjs';
import { announce, isOnPath, runCommand, SetupError } from '../setup/command.mjs';
import { buildImages } from './images.mjs';

const START_MS = 30000;
const STOP_MS = 15000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Resolves to `{ environment, stop }` of an engine that has the images of the compose files, or to `{ reason,
 * couldBeInstalled }`.
 */
export async function provideEngine() {
  if (isOnPath('docker') && (await runCommand('docker', ['version'])).succeeded) {
    // It pulls what the files name.
    return { environment: {}, stop: async () => undefined };
  }
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    return { reason: 'no Docker engine answers, and only root on Linux could start one', couldBeInstalled: false };
  }
  const missing = ['docker', 'dockerd', 'docker-compose', 'openssl'].filter((name) => !isOnPath(name));
  if (missing.length > 0) {
    const aptGet = await aptInstaller();
    if (aptGet === undefined) {
      return { reason: `no ${missing.join(', ')} on PATH, and no apt-get to install it`, couldBeInstalled: false };
    }
    announce('installing a container engine (apt-get install docker.io docker-compose openssl)');
    const { succeeded, output } = await installPackages(aptGet, ['docker.io', 'docker-compose', 'openssl']);
    if (!succeeded)
      return { reason: `apt-get could not install an engine: ${lastLine(output)}`, couldBeInstalled: true };
  }
  return startEngine();
}

async function startEngine() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redlock-engine-'));
  const at = (name) => path.join(folder, name);
  const log = fs.openSync(at('log'), 'w');
  const words = ['--host', `unix://${at('docker.sock')}`, '--data-root', at('data'), '--exec-root', at('exec')];
  // Nothing of this machine's network is changed: published ports are handed on by the engine's own proxy.
  words.push('--pidfile', at('pid'), '--bridge', 'none', '--iptables=false', '--ip-forward=false');
  const held = holdSignals();
  announce('starting a container engine of our own (dockerd, on a private socket)');
  // A group of its own: Ctrl-C must not end it before its containers.
  const daemon = childProcess.spawn('dockerd', words, { stdio: ['ignore', log, log], detached: true });
  let hasEnded = false;
  const ended = new Promise((settle) => {
    daemon.once('error', settle);
    daemon.once('exit', settle);
  }).then(() => {
    hasEnded = true;
  });
  const stop = async () => {
    if (!hasEnded) daemon.kill('SIGTERM');
    await Promise.race([ended, pause(STOP_MS)]);
    if (!hasEnded) daemon.kill('SIGKILL');
    await ended;
    fs.closeSync(log);
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    held.letGo();
  };
  try {
    const environment = { DOCKER_HOST: `unix://${at('docker.sock')}` };
    const docker = (args) => runCommand('env', [`DOCKER_HOST=${environment.DOCKER_HOST}`, 'docker', ...args]);
    const deadlineMs = Date.now() + START_MS;
    while (!(await docker(['version'])).succeeded) {
      held.throwIfInterrupted();
      if (hasEnded || Date.now() >= deadlineMs) {
        const reason = `dockerd cannot run here: ${lastLine(fs.readFileSync(at('log'), 'utf8'))}`;
        await stop();
        return { reason, couldBeInstalled: false };
      }
      await pause(200);
    }
    const notBuilt = await buildImages(docker, at('images'));
    held.throwIfInterrupted();
    return { environment: { ...environment, ...notBuilt }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** From now on a signal ends nothing by itself: an engine that runs as root must not outlive who started it. */
function holdSignals() {
  let interruption;
  const note = (signal) => {
    interruption ??= signal;
  };
  for (const name of SIGNALS) process.on(name, note);
  return {
    throwIfInterrupted: () => {
      if (interruption === undefined) return;
      const exitCode = 128 + os.constants.signals[interruption];
      throw new SetupError(`interrupted (${interruption})`, { exitCode });
    },
    letGo: () => {
      for (const name of SIGNALS) process.off(name, note);
    },
  };
}

function lastLine(text) {
  return text.trim().split('\n').pop() || 'no word';
}

function pause(ms) {
  return new Promise((settle) => {
    setTimeout(settle, ms);
  });
}
