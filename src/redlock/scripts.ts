/**
 * The Lua scripts: what a single command cannot do atomically.
 *
 * Every script touches only its KEYS, in the connection's own database: none selects another one.
 *
 * @module
 */
import { createHash } from 'node:crypto';

export interface Script {
  readonly body: string;
  /** SHA-1 of the body in hex: the name that EVALSHA knows it by. */
  readonly sha: string;
}

/**
 * Takes several resources, all or none.
 *
 * KEYS: the resources. ARGV[1]: the token. ARGV[2]: the ttl in ms. Returns 1 when all were taken, 0 when one was not
 * free. A single resource needs no script: that is `SET key token NX PX ttl`.
 */
export const ACQUIRE_ALL = script(`
for i = 1, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end
end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
end
return 1
`);

/**
 * Gives held resources a new ttl, all or none.
 *
 * KEYS: the resources. ARGV[1]: the token. ARGV[2]: the ttl in ms. Returns 1 when all held the token, otherwise 0.
 * It creates no key: a lost lock must not come back to life.
 */
export const EXTEND = script(`
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[1] then return 0 end
end
for i = 1, #KEYS do
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 1
`);

/**
 * Deletes the resources that still hold the token.
 *
 * KEYS: the resources. ARGV[1]: the token. Returns 1 when all of them did, otherwise 0; those that did are gone
 * either way.
 */
export const RELEASE = script(`
local deleted = 0
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    deleted = deleted + redis.call('DEL', KEYS[i])
  end
end
return deleted == #KEYS and 1 or 0
`);

/** What a connection loads before it is used. */
export const SCRIPTS: readonly Script[] = [ACQUIRE_ALL, EXTEND, RELEASE];

function script(text: string): Script {
  const body = text.trim();
  return { body, sha: createHash('sha1').update(body).digest('hex') };
}
