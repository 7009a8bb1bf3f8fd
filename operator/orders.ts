import { count, formatGtidSet } from '../common/gtid.ts';
import { OPERATOR_API } from '../common/operator-api.ts';
import type { Crew } from './act/crew.ts';
import { servingPrimary } from './decide/roles.ts';
import type { Order } from './http.ts';
import type { ControlLoop } from './loop.ts';

/** How long a switchover may take before the person is told that it goes on, ms. */
const SWITCHOVER_MS = 30_000;
const LOOK_MS = 10;

/** What a person may ask for, by path. */
export function ordersOf(crew: Crew, loop: ControlLoop): Readonly<Record<string, Order>> {
  return {
    [OPERATOR_API.pause]: {
      run: () => {
        loop.pause();
        crew.journal.note('paused by a person: nothing is done until the operator is resumed');
        return Promise.resolve({ text: 'The operator is paused: it watches, and does nothing until it is resumed.' });
      },
    },
    [OPERATOR_API.resume]: {
      run: () => {
        loop.resume();
        crew.journal.note('resumed by a person');
        return Promise.resolve({ text: 'The operator acts again.' });
      },
    },
    [OPERATOR_API.failover]: {
      run: async (body) => {
        const id = readText(body, 'plan');
        const plan = id === undefined ? loop.plan() : await loop.accept(id);
        const text = id === undefined ? plan.text : `${plan.member} is the primary of epoch ${plan.epoch}.`;
        return { text, plan: plan.id, member: plan.member, lost: formatGtidSet(plan.lost), lostCount: count(plan.lost), away: plan.away };
      },
    },
    [OPERATOR_API.switchover]: { run: (body) => switchover(crew, loop, readText(body, 'to')) },
  };
}

/** A text of the request's JSON; undefined when it is not there. */
function readText(body: unknown, key: string): string | undefined {
  const value = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[key] : undefined;
  if (value !== undefined && typeof value !== 'string') throw new Error(`"${key}" must be text.`);
  return value;
}

async function switchover(crew: Crew, loop: ControlLoop, to: string | undefined): Promise<{ text: string }> {
  const members = crew.platform.members.map(({ name }) => name);
  if (to !== undefined && !members.includes(to)) throw new Error(`There is no member ${to}: there are ${members.join(', ')}.`);
  // An order that waits would be carried out when nobody expects it any more.
  if (loop.paused) throw new Error('The operator is paused: resume it first (npm run operator resume; on Kubernetes: docs/kubernetes.md).');
  if (!crew.locks.leads) throw new Error('This operator stands by, since another one acts: ask that one.');
  const old = servingPrimary(loop.observe().members)?.name;
  if (old === undefined) throw new Error(`There is no primary to switch from: ${loop.decided?.reason ?? 'the operator has just started'}.`);
  if (to === old) return { text: `${old} is the primary already.` };
  loop.request(to);
  const until = crew.clock.now() + SWITCHOVER_MS;
  while (loop.requested) {
    if (crew.clock.now() > until) {
      loop.withdraw();
      throw new Error(`No switchover within ${SWITCHOVER_MS / 1000} s, so it was given up: ${loop.decided?.reason ?? ''}.`);
    }
    await crew.clock.sleep(LOOK_MS);
  }
  const now = servingPrimary(loop.observe().members)?.name;
  if (now === old) throw new Error(`${old} is still the primary: the others did not have all that it has in time. The operator's status says more.`);
  return { text: `${now ?? 'Nobody'} is the primary now, after ${old}.` };
}
