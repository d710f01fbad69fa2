/**
 * What the run and its supervisor say to each other.
 *
 * @module
 */
import type { ProcessIdentity } from './process-stat.js';
import type { SidecarReady } from './sidecar.js';

export type SupervisorRequest =
  | {
      readonly kind: 'spawn';
      /** Chosen by the run; names the server in everything that follows. */
      readonly id: number;
      readonly path: string;
      readonly argv0: string;
      readonly args: readonly string[];
      /** The server's own folder is made in this one. */
      readonly folderRoot: string;
      /** Added to the run's variables. */
      readonly variables: Readonly<Record<string, string>>;
    }
  /** The same again, in the same folder; refused while it runs. */
  | { readonly kind: 'respawn'; readonly id: number }
  /** `number` comes back in the answer: a server has several lives, and each may be signalled. */
  | { readonly kind: 'signal'; readonly id: number; readonly number: number; readonly signal: ServerSignal }
  /** A folder that goes when the run is gone. */
  | { readonly kind: 'make-folder'; readonly id: number; readonly folderRoot: string }
  /** A process that somebody else spawned, and that must not outlive the run either. */
  | { readonly kind: 'adopt'; readonly process: ProcessIdentity };

/** Kill, end in order, pause and resume: the faults that a process can suffer from outside. */
export type ServerSignal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT';

export type SupervisorReply =
  | SidecarReady
  | {
      readonly kind: 'spawned';
      readonly id: number;
      readonly pid: number;
      /** Undefined where there is no /proc. */
      readonly process: ProcessIdentity | undefined;
      readonly folder: string;
    }
  | { readonly kind: 'made-folder'; readonly id: number; readonly folder: string }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }
  | { readonly kind: 'signalled'; readonly id: number; readonly number: number }
  | { readonly kind: 'exited'; readonly id: number; readonly how: string };

/** The file in a server's folder that has what it printed. */
export const SERVER_LOG = 'server.log';
