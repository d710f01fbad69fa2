/**
 * What befalls masters, clients and the ways between them.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { FaultKind } from './conditions.js';
import type { Host } from './host.js';
import type { SimulatedMaster } from './simulated-master.js';
import type { SimulatedServer } from './simulated-server.js';
import { KEY, type StoryFault } from './story.js';
import type { VirtualTime } from './virtual-time.js';

/** Those that a fault names; undefined where the story has none of that number. */
export interface Struck {
  readonly time: VirtualTime;
  readonly server: SimulatedServer | undefined;
  readonly host: Host | undefined;
  readonly connection: SimulatedMaster | undefined;
}

const STRIKES: Readonly<Record<FaultKind, keyof Omit<Struck, 'time'>>> = {
  part: 'connection',
  hold: 'connection',
  pause: 'host',
  sleep: 'host',
  hang: 'server',
  crash: 'server',
  forget: 'server',
  jump: 'server',
  evict: 'server',
};

/** Whether the story has what the fault strikes. */
export function concerns({ kind }: StoryFault, struck: Struck): boolean {
  return struck[STRIKES[kind]] !== undefined;
}

/** Lets it happen now, and be over after a while. */
export function strike(
  { kind, byMs }: StoryFault,
  lastsNs: Ns,
  { time, server, host, connection }: Struck,
  onRestart: () => void,
): void {
  switch (kind) {
    case 'part':
      connection?.part(lastsNs);
      break;
    case 'hold':
      connection?.hold(lastsNs);
      break;
    case 'pause':
      host?.pause(time.nowNs(), lastsNs);
      break;
    case 'sleep':
      host?.sleep(time.nowNs(), lastsNs);
      break;
    case 'hang':
      server?.hang();
      time.inWorld(lastsNs, () => server?.resume());
      break;
    case 'crash':
    case 'forget':
      server?.crash(kind === 'crash' ? 'kept' : 'lost');
      time.inWorld(lastsNs, () => {
        server?.restart();
        onRestart();
      });
      break;
    case 'jump':
      server?.clock.jump(byMs);
      break;
    case 'evict':
      server?.delete([KEY]);
  }
}
