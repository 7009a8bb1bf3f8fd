/**
 * The cache's Lua scripts. A script without the `no-writes` flag is refused by a replica (READONLY): a master that was
 * made a replica under a living connection answers nothing.
 *
 * KEYS[1] state: hash nonce; epoch, n, uuid of the newest write; seq, the number of the log's last entry; settled: every
 * number of the epoch up to it is logged. KEYS[2] the change log: a list of `EPOCH:N:CHANGE`, oldest first. KEYS[3] numbers
 * above `settled` that are logged, a hash. A write of a later epoch may be anything to pages of an earlier one: `*`, which
 * stands for every write before it too.
 */
const HEADER = '#!lua flags=allow-oom\n';

/** Defines `state` and what changes it. */
const STATE = `
local fields = redis.call('HMGET', KEYS[1], 'nonce', 'epoch', 'n', 'uuid', 'seq', 'settled')
if fields[1] ~= ARGV[1] then return {'lost'} end
local state = {epoch = tonumber(fields[2]), n = tonumber(fields[3]), uuid = fields[4], seq = tonumber(fields[5]), settled = tonumber(fields[6])}
local function save() redis.call('HSET', KEYS[1], 'epoch', state.epoch, 'n', state.n, 'uuid', state.uuid, 'seq', state.seq, 'settled', state.settled) end
local function append(epoch, n, change)
  redis.call('RPUSH', KEYS[2], epoch .. ':' .. n .. ':' .. change)
  state.seq = state.seq + 1
end
local function settle(n)
  state.settled = n
  while redis.call('HDEL', KEYS[3], state.settled + 1) == 1 do state.settled = state.settled + 1 end
end
local function whole(epoch, n, uuid)
  append(epoch, n, '*')
  if epoch > state.epoch then
    redis.call('DEL', KEYS[3])
    state.epoch, state.n, state.uuid, state.settled = epoch, n, uuid, n
    return
  end
  if n > state.n then state.n, state.uuid = n, uuid end
  for _, number in ipairs(redis.call('HKEYS', KEYS[3])) do if tonumber(number) <= n then redis.call('HDEL', KEYS[3], number) end end
  if n > state.settled then settle(n) end
end
`;

/**
 * ARGV: nonce, floor's epoch, n, uuid, epoch and n of what has settled, number of the last entry that the process knows.
 * What has had time to be logged and is not was written by somebody else, or by a process that died: it may be anything.
 */
export const LOG = `${HEADER}${STATE}
local before, epoch, n, settled = state.seq, tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[6])
if epoch > state.epoch or (epoch == state.epoch and n > state.n) then whole(epoch, n, ARGV[4]) end
if tonumber(ARGV[5]) == state.epoch and settled > state.settled then whole(state.epoch, settled, state.uuid) end
if state.seq > before then save() end
local answer, missing = {'log', state.epoch, state.n, state.uuid, state.seq}, state.seq - tonumber(ARGV[7])
if missing > redis.call('LLEN', KEYS[2]) then answer[1] = 'reset'
elseif missing > 0 then for _, entry in ipairs(redis.call('LRANGE', KEYS[2], -missing, -1)) do answer[#answer + 1] = entry end end
return answer
`;

/** ARGV: nonce, epoch, n, uuid, 1 where no earlier write may be missing in the log, entries and numbers to keep, changes, or `*`: it may be anything. */
export const RAISE = `${HEADER}${STATE}
local epoch, n = tonumber(ARGV[2]), tonumber(ARGV[3])
if epoch < state.epoch then return {'raised'} end
if epoch > state.epoch or ARGV[7] == '*' then whole(epoch, n, ARGV[4])
elseif ARGV[5] == '1' and n > state.settled + 1 then return {'gap'}
else
  for index = 7, #ARGV do append(epoch, n, ARGV[index]) end
  if n > state.n then state.n, state.uuid = n, ARGV[4] end
  if n == state.settled + 1 then settle(n) elseif n > state.settled then redis.call('HSET', KEYS[3], n, '') end
  -- Nobody reads, so nobody has said what has settled.
  if redis.call('HLEN', KEYS[3]) > tonumber(ARGV[6]) then whole(epoch, n, ARGV[4]) end
end
save()
redis.call('LTRIM', KEYS[2], -ARGV[6], -1)
return {'raised'}
`;

/**
 * KEYS[4]: claim. ARGV: nonce, milliseconds that the claim lasts. Several processes turn the cache on in the same moment;
 * the state of the one whose commit wins must not be another's by then.
 */
export const BEGIN = `${HEADER}
if not redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'claimed'} end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'nonce', ARGV[1], 'epoch', 0, 'n', 0, 'uuid', '', 'seq', 0, 'settled', 0)
return {'begun'}
`;
