/**
 * Extensions that travel together: many locks in one script call. Pure.
 *
 * @module
 */
import type { FanOut } from './fan-out.js';
import { GRANTED, REFUSED, type ScriptReply, type Vote } from './master.js';

/** Some extensions, and what EXTEND_MANY is called with for them. */
export interface ExtensionChunk {
  readonly fanOuts: FanOut[];
  readonly keys: string[];
  readonly args: (string | number)[];
}

/** What one call may carry: a master does nothing else while it runs. */
const MOST_LOCKS = 64;
const MOST_KEYS = 256;

/** Packs extensions into as few calls as may be, in their order. One with more keys than a call may carry goes alone. */
export function packExtensions(fanOuts: readonly FanOut[]): ExtensionChunk[] {
  const chunks: ExtensionChunk[] = [];
  let chunk: ExtensionChunk | undefined;
  for (const fanOut of fanOuts) {
    const { resources, token, ttlMs } = fanOut.command;
    const isFull = chunk?.fanOuts.length === MOST_LOCKS || (chunk?.keys.length ?? 0) + resources.length > MOST_KEYS;
    if (chunk === undefined || isFull) {
      chunk = { fanOuts: [], keys: [], args: [] };
      chunks.push(chunk);
    }
    chunk.fanOuts.push(fanOut);
    for (const resource of resources) chunk.keys.push(resource);
    chunk.args.push(resources.length, token, ttlMs);
  }
  return chunks;
}

/** Gives each extension of a chunk its vote from one master's reply. */
export function dealReply({ fanOuts }: ExtensionChunk, master: number, reply: ScriptReply): void {
  if (isList(reply) && reply.length === fanOuts.length) {
    fanOuts.forEach((fanOut, index) => {
      const answer = reply[index];
      fanOut.vote(master, answer === 1 ? GRANTED : answer === 0 ? REFUSED : KEY_ERROR);
    });
    return;
  }
  const failure = isFailure(reply) ? reply : NO_LIST;
  for (const fanOut of fanOuts) fanOut.vote(master, failure);
}

const answered = (message: string): Vote => ({ kind: 'failed', reached: 'answered', cause: new Error(message) });
const KEY_ERROR = answered('expected to read the key, but the master refused that; check its access rules');
const NO_LIST = answered('expected one answer for each lock, got another reply; use a server with scripts');

const isList = (reply: ScriptReply): reply is readonly ScriptReply[] => Array.isArray(reply);
const isFailure = (reply: ScriptReply): reply is Extract<Vote, { kind: 'failed' }> =>
  typeof reply === 'object' && reply !== null && 'kind' in reply;
