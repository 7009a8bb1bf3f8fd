import { contains } from '../../common/gtid.ts';
import { acknowledgements, quorum } from '../../common/members.ts';
import type { Failover } from '../decide/decision.ts';
import { everything } from '../decide/observation.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';
import { closeFlowing, demote } from './demote.ts';

/** How long replicas may take to have all that the closed primary has, ms. */
const DRAIN_MS = 3000;
const LOOK_MS = 5;

/**
 * Closes a living primary in order, while its replicas still follow it, and gives them a moment to have all that it has.
 * No shortcut follows: the ordinary failover does, with its fences. Where the replicas are not in time, the election
 * finds the old primary again.
 */
export async function drain(crew: Crew, { from, fence, prefer }: Failover): Promise<void> {
  if (from === undefined) return;
  const { clock, journal } = crew;
  const began = clock.now();
  const isSpare = fence.length >= quorum(crew.platform.members.length);
  if ((await (isSpare ? closeFlowing : demote)(crew, from)) === 'restarted') return;
  const { executed } = await controlOf(crew, from).status();
  const needed = prefer === undefined ? Math.max(1, acknowledgements(crew.platform.members.length)) : 1;
  while (clock.now() - began < DRAIN_MS) {
    const holders = await Promise.all(fence.map(async (name) => {
      const status = await controlOf(crew, name).status().catch(() => undefined);
      const set = name === prefer ? status?.executed : status && everything({ status });
      return set !== undefined && contains(set, executed) ? [name] : [];
    }));
    const there = holders.flat();
    if (there.length >= needed && (prefer === undefined || there.includes(prefer))) break;
    await clock.sleep(LOOK_MS);
  }
  journal.note(`${from} drained`, { member: from, durationMs: clock.now() - began });
}
