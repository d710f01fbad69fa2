/**
 * What can be done to a client, and what it says of it afterwards.
 *
 * @module
 */
import type { ClientFault } from '../model/fault.js';
import { formatNs, msToNs, type Ns } from '../model/time.js';
import type { Act } from './injection.js';

/** When a client's event loop stood still, by its own account; the end comes when it is over. */
export interface Blockage {
  readonly fromNs: Ns;
  readonly untilNs: Promise<Ns>;
}

/** The clients of a run, counted from 1, as far as they can be disturbed. */
export interface ClientHandles {
  /** Resolves when the client says that it is about to stand still. */
  block(client: number, forMs: number): Promise<Blockage>;
  /** Sets `Date` to so much beside the true time; resolves with how far it jumped, by the client's own account. */
  setDate(client: number, byMs: number): Promise<{ readonly jumpedMs: number }>;
  /** Whether the client has ended, so that nothing of a fault is left, and nobody will tell of it. */
  hasEnded(client: number): boolean;
}

/** What a client fault does and waits for. */
export function clientAct(clients: ClientHandles, fault: ClientFault, forMs: number | undefined): Act {
  return fault.kind === 'block' ? block(clients, fault.client, forMs ?? 0) : jumpDate(clients, fault);
}

/** Nobody can wake it early, so it ends by itself. */
function block(clients: ClientHandles, client: number, forMs: number): Act {
  let fromNs: Ns | undefined;
  let untilNs: Ns | undefined;
  return {
    inject: () => {
      // Not awaited: a client that never answers leaves an unproven receipt, and not a run that hangs.
      void clients.block(client, forMs).then(async (blockage) => {
        fromNs = blockage.fromNs;
        untilNs = await blockage.untilNs;
      });
      return Promise.resolve();
    },
    seeEffect: () =>
      Promise.resolve(fromNs === undefined ? undefined : { saw: 'its event loop stood still', atNs: fromNs }),
    seeHealed: () => {
      if (fromNs === undefined) return Promise.resolve(undefined);
      if (untilNs === undefined) return Promise.resolve(seeEnd(clients, client));
      return Promise.resolve({ saw: `it went on after ${formatNs(untilNs - fromNs)}`, atNs: untilNs });
    },
  };
}

/** A fault can end with the run, whose clients may be gone before they are told to heal. */
function seeEnd(clients: ClientHandles, client: number): { saw: string } | undefined {
  return clients.hasEnded(client) ? { saw: 'the client ended, and the fault with it' } : undefined;
}

function jumpDate(clients: ClientHandles, fault: Extract<ClientFault, { kind: 'client-clock' }>): Act {
  let jumpedMs: number | undefined;
  const jump = (byMs: number): Promise<void> => {
    jumpedMs = undefined;
    void clients.setDate(fault.client, byMs).then((answer) => (jumpedMs = answer.jumpedMs));
    return Promise.resolve();
  };
  const see = (expectedMs: number): Promise<{ saw: string } | undefined> => {
    const slackMs = Math.min(MOST_DATE_SLACK_MS, Math.abs(fault.byMs) / 2);
    const isThere = jumpedMs !== undefined && Math.abs(jumpedMs - expectedMs) < slackMs;
    return Promise.resolve(isThere ? { saw: `its Date jumped by ${formatNs(msToNs(jumpedMs ?? 0))}` } : undefined);
  };
  return {
    inject: () => jump(fault.byMs),
    seeEffect: () => see(fault.byMs),
    heal: () => jump(0),
    seeHealed: async () => (await see(-fault.byMs)) ?? seeEnd(clients, fault.client),
  };
}

/** `Date` has milliseconds, and one may pass between two looks at it. */
const MOST_DATE_SLACK_MS = 5;
