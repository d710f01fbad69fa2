/**
 * What a server says of its own work, read from INFO.
 *
 * @module
 */
import { infoNumber, type ServerInfo } from './info.js';

/** One look at a server. CPU and calls count since it started; the difference of two samples is what a run used. */
export interface ServerSample {
  /** User and system time of the server process, its background threads included. */
  readonly cpuSeconds: number;
  /** Calls per lower-case command, subcommands as `client|list`. */
  readonly commands: Readonly<Record<string, number>>;
  readonly usedMemoryBytes: number;
  /** The one that samples included. */
  readonly connectedClients: number;
  readonly opsPerSecond: number;
}

/** Takes a sample out of the answer to `INFO all`. */
export function readSample(info: ServerInfo): ServerSample {
  return {
    cpuSeconds: infoNumber(info, 'used_cpu_user') + infoNumber(info, 'used_cpu_sys'),
    commands: readCommands(info),
    usedMemoryBytes: infoNumber(info, 'used_memory'),
    connectedClients: infoNumber(info, 'connected_clients'),
    opsPerSecond: infoNumber(info, 'instantaneous_ops_per_sec'),
  };
}

const COMMAND_PREFIX = 'cmdstat_';

function readCommands(info: ServerInfo): Record<string, number> {
  const commands: Record<string, number> = {};
  for (const [field, value] of info) {
    const calls = field.startsWith(COMMAND_PREFIX) ? /^calls=(\d+)/.exec(value)?.[1] : undefined;
    if (calls !== undefined) commands[field.slice(COMMAND_PREFIX.length).toLowerCase()] = Number(calls);
  }
  return commands;
}
