import { acknowledgements } from '../../common/members.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';
import { promote } from './promote.ts';

const FIRST_EPOCH = 1;

/**
 * The first start: every member promises epoch 1 in its own name, which lets it count; then the platform's mark; then
 * the first member is promoted. Broken off anywhere, it is begun again: empty members that all carry their own promise
 * can be no emptied ones.
 */
export async function firstStart(crew: Crew, primary: string): Promise<void> {
  const { clock, journal, platform } = crew;
  const from = clock.now();
  const names = platform.members.map(({ name }) => name);
  const fenced = await Promise.all(
    names.map(async (name) => {
      await crew.locks.of(name).take();
      const control = controlOf(crew, name);
      const status = await control.status();
      await control.fence(status);
      await control.promise(FIRST_EPOCH, status.serverUuid);
      return { name, status };
    }),
  );
  await platform.markInitialised();
  const first = fenced.find(({ name }) => name === primary);
  if (first === undefined) throw new Error(`There is no member ${primary} to begin with.`);
  await promote(crew, { member: primary, status: first.status, epoch: FIRST_EPOCH, followers: fenced.filter((member) => member !== first), acknowledgements: acknowledgements(names.length) });
  journal.note(`${primary} promoted, epoch ${FIRST_EPOCH}, ${Math.round(clock.now() - from)} ms`, { member: primary, durationMs: clock.now() - from });
}
