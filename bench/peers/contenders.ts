/**
 * Everybody who is compared, by name.
 *
 * @module
 */
import type { Contender } from './contender.js';
import { ours } from './ours.js';
import { PEERS } from './peers.js';

export const OURS_IOREDIS = 'ours, ioredis';
export const OURS_WIRE = 'ours, wire';

/** The field: our two transports, then the peers. */
export const FIELD: readonly Contender[] = [
  ours(OURS_IOREDIS, { transport: 'ioredis', wakeUp: 'notify' }),
  ours(OURS_WIRE, { transport: 'wire', wakeUp: 'notify' }),
  ...PEERS,
];

/** For information where waiting matters: what our client does without messages. */
export const POLLING: readonly Contender[] = [
  ours('ours, ioredis, poll', { transport: 'ioredis', wakeUp: 'poll' }),
  ours('ours, wire, poll', { transport: 'wire', wakeUp: 'poll' }),
];

/** @throws Error for a name that nobody has */
export function contenderNamed(name: string): Contender {
  const found = [...FIELD, ...POLLING].find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`expected the name of a contender, got ${name}`);
  return found;
}
