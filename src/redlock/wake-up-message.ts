/**
 * What clients tell each other about waiting: two messages, as text.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';

/**
 * `want`: the clients would like to be told when the resource is released. `turn`: it was released, and it is the
 * receiver's turn; the clients come after it. The notice is the same on every master, so that copies can be counted.
 */
export interface WakeUpMessage {
  readonly kind: 'want' | 'turn';
  readonly notice: string;
  readonly clients: readonly string[];
  readonly resource: string;
}

/** A client waits on one channel, whatever it waits for. */
export const CHANNEL_PREFIX = 'redlock:';
/** Tokens begin with the id of their client: who finds a token on a master knows whom to ask. */
export const CLIENT_ID_LENGTH = 12;
const BYTES_OF_CLIENT_ID = (CLIENT_ID_LENGTH * 3) / 4;

const KIND_CODES = { want: 'w', turn: 't' } as const;

/** The resource comes last: it may contain anything, line breaks included. */
export function writeMessage({ kind, notice, clients, resource }: WakeUpMessage): string {
  return `${KIND_CODES[kind]}\n${notice}\n${clients.join(',')}\n${resource}`;
}

/** Returns undefined for what is no such message: anyone may publish on a channel. */
export function readMessage(text: string): WakeUpMessage | undefined {
  const match = /^([wt])\n([^\n]+)\n([\w,-]*)\n(.+)$/s.exec(text);
  const [, code, notice, list, resource] = match ?? [];
  if (notice === undefined || list === undefined || resource === undefined) return undefined;
  const clients = list === '' ? [] : list.split(',');
  if (clients.some((client) => client.length !== CLIENT_ID_LENGTH)) return undefined;
  return { kind: code === 'w' ? 'want' : 'turn', notice, clients, resource };
}

/** Draws the id of a client, in base64url. */
export function drawClientId(): string {
  return randomBytes(BYTES_OF_CLIENT_ID).toString('base64url');
}
