/**
 * The rights that this room's README lists.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';

/** Who has the rights: a client in production, or the tool on masters that it did not start, which asks more. */
export type Holder = 'client' | 'tool';

/** As they are written, for keys that begin so. */
async function documentedRights(prefix: string, holder: Holder): Promise<string[]> {
  const text = await readFile(new URL('README.md', import.meta.url), 'utf8');
  const [client = '', tool = ''] = [...text.matchAll(/```\n((?:resetkeys|\+)[^`]+)```/g)].map(([, list]) => list);
  const list = holder === 'client' ? client : `${client} ${tool}`;
  return list.replace('<your keys>', prefix).trim().split(/\s+/);
}

/** Without the commands that this server does not know: it would refuse the list. */
export async function allowedRights(admin: Redis, prefix: string, holder: Holder = 'client'): Promise<string[]> {
  const rights = await documentedRights(prefix, holder);
  const known = await Promise.all(
    rights.map(async (right) => {
      const command = /^\+([a-z]+)/.exec(right)?.[1];
      if (command === undefined) return true;
      const [info] = await admin.command('INFO', command);
      // Redis 8 and Valkey answer an unknown name with null, and with an empty list in RESP3.
      return info !== null && info !== undefined && !(Array.isArray(info) && info.length === 0);
    }),
  );
  return rights.filter((_, index) => known[index]);
}
