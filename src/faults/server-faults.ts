/**
 * What can be done to a server that this run spawned, and what shows that it was done.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFault } from '../model/fault.js';
import { formatFault, nameTarget } from '../model/fault-text.js';
import { formatDurationMs, formatNs, msToNs, nsToMs, usToNs, type Clock, type Ns } from '../model/time.js';
import { readProcessStat } from '../servers/process-stat.js';
import type { SpawnedServer } from '../servers/spawned-server.js';
import { evict } from './eviction.js';
import { inject, type Act, type FaultLabel, type FaultTiming, type Injection } from './injection.js';
import { askOnce } from './probe-connection.js';

/** How long a probe waits for an answer before it calls the server silent. */
const SILENCE_MS = 100;

/**
 * Does something to a spawned server and looks for the effect. `forMs` is needed by what ends by itself: a stall.
 * Never rejects: what could not be done is in the receipt.
 */
export function injectServerFault(
  server: SpawnedServer,
  fault: ServerFault,
  timing: FaultTiming,
  forMs?: number,
): Promise<Injection> {
  const label: FaultLabel = { text: formatFault(fault), kind: fault.kind, target: nameTarget(fault) };
  return inject(serverAct(server, fault, forMs, timing.clock), label, timing);
}

/** What a server fault does and looks at. */
export function serverAct(server: SpawnedServer, fault: ServerFault, forMs: number | undefined, clock: Clock): Act {
  switch (fault.kind) {
    case 'kill':
      return end(server, clock, () => server.kill().then(() => 'it was killed'));
    case 'shutdown':
      return end(server, clock, () => server.shutdown().then(() => 'it was asked to end, and ended'));
    case 'power-loss':
      return end(server, clock, async () => {
        const { lostBytes } = await server.losePower();
        return `it was killed, and ${String(lostBytes)} bytes of its log that were not surely on the disk were cut off`;
      });
    case 'pause':
      return pause(server, clock);
    case 'stall':
      return stall(server, forMs ?? 0, clock);
    case 'evict':
      return evict(server);
    case 'flush':
      return flush(server);
    case 'clock':
      return jumpClock(server, fault.byMs, clock);
  }
}

/** However the server ends, it is gone then, and comes back with what it had kept. */
function end(server: SpawnedServer, clock: Clock, strike: () => Promise<string>): Act {
  let how = '';
  return {
    inject: async () => {
      how = await strike();
    },
    seeEffect: async () => {
      if (server.isRunning()) return undefined;
      const answer = await askOnce(server.endpoint, SILENCE_MS, clock);
      return isRefusal(answer) ? { saw: `${how}: its process is gone, connections get ${answer}` } : undefined;
    },
    heal: async () => {
      if (!server.isRunning()) await server.restart();
    },
    seeHealed: async () => {
      const keys = Number(await server.call('DBSIZE'));
      return { saw: `it answered again as process ${String(server.pid)}, with ${describeKeys(keys)}` };
    },
  };
}

function isRefusal(answer: string): boolean {
  return answer === 'ECONNREFUSED' || answer === 'ENOENT';
}

function pause(server: SpawnedServer, clock: Clock): Act {
  return {
    inject: () => server.pause(),
    seeEffect: async () => {
      const state = readProcessStat(server.pid)?.state;
      if (state === 'T') return { saw: `process ${String(server.pid)} is stopped` };
      // Where the system does not tell the state of a process, its silence does.
      if (state !== undefined || (await askOnce(server.endpoint, SILENCE_MS, clock)) !== 'silence') return undefined;
      return { saw: `it accepted a connection and answered nothing for ${formatDurationMs(SILENCE_MS)}` };
    },
    heal: () => server.resume(),
    seeHealed: () => seeAnswer(server, clock),
  };
}

/** Every client is kept waiting, ours included: nobody could end it early, so it ends by itself. */
function stall(server: SpawnedServer, forMs: number, clock: Clock): Act {
  let [beganNs, endedNs]: [Ns, Ns | undefined] = [0, undefined];
  return {
    inject: async () => {
      await server.call('CLIENT', 'PAUSE', String(Math.ceil(forMs)), 'ALL');
      beganNs = clock.nowNs();
      void waitForAnswer(server, clock).then(() => (endedNs = clock.nowNs()));
      await sleep(Math.min(SILENCE_MS, forMs / 2));
    },
    seeEffect: () => {
      const silentMs = nsToMs(clock.nowNs() - beganNs);
      const saw = `it accepted a connection and answered nothing for ${formatDurationMs(Math.round(silentMs))}`;
      return Promise.resolve(endedNs === undefined ? { saw, atNs: beganNs } : undefined);
    },
    seeHealed: () => {
      if (endedNs === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ saw: `the first answer came after ${formatNs(endedNs - beganNs)}`, atNs: endedNs });
    },
  };
}

async function waitForAnswer(server: SpawnedServer, clock: Clock): Promise<void> {
  const giveUpMs = 60_000;
  while (server.isRunning() && (await askOnce(server.endpoint, giveUpMs, clock)) !== 'answer') await sleep(SILENCE_MS);
}

/** In one step, so that no client writes between the counting and the emptying. */
const FLUSH_SCRIPT = `
  local before = redis.call('DBSIZE')
  redis.call('FLUSHALL')
  return {before, redis.call('DBSIZE')}`;

function flush(server: SpawnedServer): Act {
  let counts: readonly number[] = [];
  return {
    inject: async () => {
      const reply = await server.call('EVAL', FLUSH_SCRIPT, '0');
      counts = Array.isArray(reply) ? reply.map(Number) : [];
    },
    seeEffect: () => {
      const [before = 0, after] = counts;
      const isEmpty = after === 0;
      return Promise.resolve(isEmpty ? { saw: `it had ${describeKeys(before)}, and then none` } : undefined);
    },
  };
}

/** What the server's clock and ours may drift apart, or an answer take, without anybody having set it. */
const CLOCK_SLACK_NS = msToNs(250);

function jumpClock(server: SpawnedServer, byMs: number, clock: Clock): Act {
  let lead: Ns = 0;
  const shift = async (): Promise<Ns> => (await leadOf(server, clock)) - lead;
  return {
    inject: async () => {
      lead = await leadOf(server, clock);
      await server.setClock(byMs);
    },
    seeEffect: async () => {
      const shiftNs = await shift();
      const isShifted = Math.abs(shiftNs - msToNs(byMs)) < Math.min(CLOCK_SLACK_NS, msToNs(Math.abs(byMs)));
      return isShifted ? { saw: `its TIME jumped by ${formatNs(shiftNs)}` } : undefined;
    },
    heal: () => server.setClock(0),
    seeHealed: async () => {
      const shiftNs = await shift();
      return Math.abs(shiftNs) < CLOCK_SLACK_NS ? { saw: 'its TIME was as before' } : undefined;
    },
  };
}

/** How far the server's wall clock is ahead of our monotonic one: meaningless, but constant while nobody sets it. */
async function leadOf(server: SpawnedServer, clock: Clock): Promise<Ns> {
  const reply = await server.call('TIME');
  const [seconds = NaN, microseconds = NaN] = Array.isArray(reply) ? reply.map(Number) : [];
  return usToNs(seconds * US_PER_S + microseconds) - clock.nowNs();
}

const US_PER_S = 1_000_000;

async function seeAnswer(server: SpawnedServer, clock: Clock): Promise<{ saw: string } | undefined> {
  return (await askOnce(server.endpoint, SILENCE_MS, clock)) === 'answer' ? { saw: 'it answered again' } : undefined;
}

function describeKeys(count: number): string {
  return count === 1 ? '1 key' : `${String(count)} keys`;
}
