/**
 * The cache's Lua scripts. A script without the `no-writes` flag is refused by a replica (READONLY): a master that was
 * made a replica under a living connection answers nothing.
 *
 * KEYS[1] state: hash nonce, epoch, n, uuid. KEYS[2] page: hash tag, page. KEYS[3] tag of the version for which a process
 * makes the page just now. A page's tag is nonce:epoch:n; it may be answered only while that is the state's.
 */
const HEADER = '#!lua flags=allow-oom\n';

/** Defines `state`, and `raise(epoch, n, uuid)`: compare-and-max. */
const STATE = `
local state = redis.call('HMGET', KEYS[1], 'nonce', 'epoch', 'n', 'uuid')
if state[1] ~= ARGV[1] then return {'lost'} end
local function newer(epoch, n)
  local e, m = tonumber(state[2]), tonumber(state[3])
  return tonumber(epoch) > e or (tonumber(epoch) == e and tonumber(n) > m)
end
local function raise(epoch, n, uuid)
  if not newer(epoch, n) then return end
  state = {state[1], epoch, n, uuid}
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'n', n, 'uuid', uuid)
end
local function tag() return state[1] .. ':' .. state[2] .. ':' .. state[3] end
`;

/** ARGV: nonce, floor's epoch, n, uuid, milliseconds that a process may take to make a page. */
export const READ = `${HEADER}${STATE}
raise(ARGV[2], ARGV[3], ARGV[4])
if redis.call('HGET', KEYS[2], 'tag') == tag() then return {'hit', redis.call('HGET', KEYS[2], 'page')} end
if redis.call('GET', KEYS[3]) == tag() then return {'wait', state[2], state[3], state[4]} end
redis.call('SET', KEYS[3], tag(), 'PX', ARGV[5])
return {'fill', state[2], state[3], state[4]}
`;

/** ARGV: nonce, epoch, n, uuid. */
export const RAISE = `${HEADER}${STATE}
raise(ARGV[2], ARGV[3], ARGV[4])
return {'raised'}
`;

/** ARGV: nonce, epoch, n of the version under which the page was made, page, seconds to keep it. Not when memory is full. */
export const PUT = `#!lua
${STATE}
if state[2] ~= ARGV[2] or state[3] ~= ARGV[3] then return {'old'} end
redis.call('HSET', KEYS[2], 'tag', tag(), 'page', ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call('DEL', KEYS[3])
return {'put'}
`;

/**
 * KEYS[2]: claim. ARGV: nonce, milliseconds that the claim lasts. Several processes turn the cache on in the same moment;
 * the state of the one whose commit wins must not be another's by then.
 */
export const BEGIN = `${HEADER}
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'claimed'} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'nonce', ARGV[1], 'epoch', 0, 'n', 0, 'uuid', '')
return {'begun'}
`;
