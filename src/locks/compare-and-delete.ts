/**
 * The release that the sound locks share.
 *
 * @module
 */
import { RELEASE } from '../redlock/scripts.js';
import type { Caller } from './server-connection.js';

/** `EVALSHA`: GET, and DEL if it is the token. True when it was. */
export async function compareAndDelete(server: Caller, resource: string, token: string): Promise<boolean> {
  return (await server.run(RELEASE, resource, token)) === 1;
}
