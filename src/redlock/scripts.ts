/**
 * The Lua scripts: what a single command cannot do atomically.
 *
 * Every script touches only its KEYS, in the connection's own database: none selects another one.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { CLIENT_ID_LENGTH } from './wake-up-message.js';

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
 * Gives many locks a new ttl, each of them all or none.
 *
 * KEYS: the resources of all locks, one lock after the other. ARGV: three for each lock: the number of its resources,
 * its token, its ttl in ms. Returns a list with one answer for each lock: 1 when all its resources held the token, 0 when
 * one did not, -1 when one could not be read. It creates no key. `pcall`, because one lock's key that holds another type
 * is no reason to fail the other locks; an error is no vote against its lock, just as when that is extended alone.
 */
export const EXTEND_MANY = script(`
local answers = {}
local before = 0
for lock = 1, #ARGV / 3 do
  local last = before + tonumber(ARGV[3 * lock - 2])
  local token = ARGV[3 * lock - 1]
  local answer = 1
  for i = before + 1, last do
    local held = redis.pcall('GET', KEYS[i])
    if type(held) == 'table' then
      answer = -1
    elseif held ~= token and answer == 1 then
      answer = 0
    end
  end
  if answer == 1 then
    for i = before + 1, last do
      redis.call('PEXPIRE', KEYS[i], ARGV[3 * lock])
    end
  end
  answers[lock] = answer
  before = last
end
return answers
`);

/**
 * Deletes the resources that still hold the token.
 *
 * KEYS: the resources. ARGV[1]: the token. Returns 1 when all of them did, otherwise 0; those that did are gone
 * either way. A key of another type answers with an error, which is no token.
 */
export const RELEASE = script(`
local deleted = 0
for i = 1, #KEYS do
  if redis.pcall('GET', KEYS[i]) == ARGV[1] then
    deleted = deleted + redis.call('DEL', KEYS[i])
  end
end
return deleted == #KEYS and 1 or 0
`);

/**
 * Finds out who owns a resource, and tells that client something.
 *
 * KEYS[1]: the resource. ARGV[1]: what the names of the clients' channels begin with. ARGV[2]: the message. Tokens begin
 * with the id of their client. Returns nil when nobody owns it, the client's id when it was told, and 0
 * when nobody listens there.
 */
export const ANNOUNCE = script(`
local token = redis.call('GET', KEYS[1])
if not token then return false end
local owner = string.sub(token, 1, ${String(CLIENT_ID_LENGTH)})
if redis.call('PUBLISH', ARGV[1] .. owner, ARGV[2]) == 0 then return 0 end
return owner
`);

/**
 * Reads the highest fence of a resource. A script, so that its reply comes by the same way as that of the write.
 *
 * KEYS[1]: the fence's key. Returns its text, or nil when there is none.
 */
export const FENCE_READ = script(`
return redis.call('GET', KEYS[1])
`);

/**
 * Stores a fence if it is above the stored one.
 *
 * KEYS[1]: the fence's key. ARGV[1]: the fence as text: 16 digits, a colon, the owner. Returns 1 when it was stored,
 * otherwise the stored fence, or an error where the key holds something else. It compares byte by byte: Lua's `<`
 * orders strings by the server's locale, and as numbers counters would be printed with 14 digits.
 */
export const FENCE_WRITE = script(`
local stored = redis.call('GET', KEYS[1])
if stored then
  if not stored:find('^' .. ('%d'):rep(16) .. ':') then
    return redis.error_reply('ERR the key of the fence holds something else')
  end
  local fence = ARGV[1]
  local i = 1
  while i <= #fence and stored:byte(i) == fence:byte(i) do i = i + 1 end
  if (stored:byte(i) or 0) >= (fence:byte(i) or 0) then return stored end
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`);

/** What a connection loads before it is used. */
export const SCRIPTS: readonly Script[] = [
  ACQUIRE_ALL,
  EXTEND,
  EXTEND_MANY,
  RELEASE,
  ANNOUNCE,
  FENCE_READ,
  FENCE_WRITE,
];

/** Names a script by its hash. */
export function script(text: string): Script {
  const body = text.trim();
  return { body, sha: createHash('sha1').update(body).digest('hex') };
}
