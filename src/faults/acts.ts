/**
 * From a scheduled fault to what is done, and to whom.
 *
 * @module
 */
import { isClientFault, isLinkFault, type ScheduledFault } from '../model/fault.js';
import { nameTarget } from '../model/fault-text.js';
import type { Clock } from '../model/time.js';
import type { Topology } from '../servers/topology.js';
import { clientAct, type ClientHandles } from './client-faults.js';
import type { Act } from './injection.js';
import { linkAct } from './link-faults.js';
import { serverAct } from './server-faults.js';

/** Whom the faults of a run can reach. */
export interface FaultTargets {
  readonly topology: Pick<Topology, 'masters' | 'proxies' | 'placesOf'>;
  /** Undefined where the clients run in processes that take no orders. */
  readonly clients: ClientHandles | undefined;
}

/** @throws RangeError when the run has no such target, which its scenario should have been refused for */
export function actOf({ fault, forMs }: ScheduledFault, { topology, clients }: FaultTargets, clock: Clock): Act {
  if (isClientFault(fault)) {
    if (clients !== undefined) return clientAct(clients, fault, forMs);
  } else if (isLinkFault(fault)) {
    const { proxies } = topology;
    if (proxies !== undefined) return linkAct(proxies, topology.placesOf(fault.master, fault.client), fault, clock);
  } else {
    const server = topology.masters[fault.master - 1]?.server;
    if (server !== undefined) return serverAct(server, fault, forMs, clock);
  }
  throw new RangeError(`${nameTarget(fault)}: expected a target of this run, got none`);
}
