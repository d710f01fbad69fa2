/**
 * Faults that only an experiment commits: on its clients, and on the ways to the resource and between servers.
 *
 * @module
 */
import type { Act } from '../faults/injection.js';
import { formatNs, msToNs, type Clock, type Ns } from '../model/time.js';
import { readProcessStat } from '../servers/process-stat.js';
import type { Proxies } from '../servers/proxy.js';
import type { Contender } from './contender.js';

/** SIGSTOP for a client, seen in the kernel's table of processes. */
export function pauseOf(contender: Contender): Act {
  return {
    inject: () => {
      contender.stop();
      return Promise.resolve();
    },
    seeEffect: () => {
      const isStopped = readProcessStat(contender.pid)?.state === 'T';
      return Promise.resolve(isStopped ? { saw: `process ${String(contender.pid)} is stopped` } : undefined);
    },
    heal: () => {
      contender.cont();
      return Promise.resolve();
    },
    seeHealed: () => {
      const state = readProcessStat(contender.pid)?.state;
      return Promise.resolve(state !== undefined && state !== 'T' ? { saw: 'it went on' } : undefined);
    },
  };
}

/** A client whose event loop stands still, which ends by itself: seen by an order that is not answered meanwhile. */
export function blockOf(contender: Contender, forMs: number, clock: Clock): Act {
  let beganNs: Ns = 0;
  let endedNs: Ns | undefined;
  return {
    inject: async () => {
      await contender.block(forMs);
      beganNs = clock.nowNs();
      contender.operations().then(
        () => {
          endedNs = clock.nowNs();
        },
        () => undefined,
      );
    },
    seeEffect: () => {
      const silentNs = clock.nowNs() - beganNs;
      const isSilent = endedNs === undefined && silentNs > msToNs(forMs / 4);
      return Promise.resolve(
        isSilent ? { saw: `it answered nothing for ${formatNs(silentNs)}`, atNs: beganNs } : undefined,
      );
    },
    seeHealed: () =>
      Promise.resolve(
        endedNs === undefined
          ? undefined
          : { saw: `it answered ${formatNs(endedNs - beganNs)} after the beginning`, atNs: endedNs },
      ),
  };
}

/** The wall clock of a client. */
export function wallClockOf(contender: Contender, byMs: number): Act {
  let jumpedMs = 0;
  const see = (wantedMs: number): { saw: string } | undefined =>
    Math.abs(jumpedMs - wantedMs) <= DATE_SLACK_MS
      ? { saw: `its Date jumped by ${formatNs(msToNs(jumpedMs))}, by its own account` }
      : undefined;
  return {
    inject: async () => {
      jumpedMs = await contender.setWallClock(byMs);
    },
    seeEffect: () => Promise.resolve(see(byMs)),
    heal: async () => {
      jumpedMs = await contender.setWallClock(0);
    },
    seeHealed: () => Promise.resolve(see(-byMs)),
  };
}

/** `Date` has milliseconds, and some may pass between two looks at it. */
const DATE_SLACK_MS = 50;

/** SIGKILL for a client. It has no end. */
export function deathOf(contender: Contender): Act {
  let how = '';
  return {
    inject: async () => {
      await contender.kill();
      how = await contender.exited;
    },
    seeEffect: () => Promise.resolve({ saw: `process ${String(contender.pid)} ended: ${how}` }),
  };
}

/** Holds back what is sent over a link. */
export function holdOf(proxies: Proxies, index: number, kind: 'hold' | 'hold-requests'): Act {
  return {
    inject: () => proxies.impair(index, { kind }),
    seeEffect: async () => {
      const { connections } = await proxies.counters(index);
      if (connections === 0) return undefined;
      return { saw: `the proxy holds back what comes on ${String(connections)} connections` };
    },
    heal: () => proxies.impair(index, { kind: 'pass' }),
    seeHealed: async () => {
      const { heldBytes } = await proxies.counters(index);
      return heldBytes === 0 ? { saw: 'nothing is held back' } : undefined;
    },
  };
}
