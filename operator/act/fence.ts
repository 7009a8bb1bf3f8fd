import { contains } from '../../common/gtid.ts';
import { everything } from '../decide/observation.ts';
import type { AnsweringMember } from '../decide/observation.ts';
import { isOpen } from '../decide/roles.ts';
import { controlOf, RefusedError } from './crew.ts';
import type { Crew } from './crew.ts';
import { closeClients } from './demote.ts';

/**
 * Fences one member and has it promise the epoch. A deposed primary that still lets clients in is closed first: it might be
 * elected itself, and who follows it then acknowledges what hangs there, before the epoch row.
 * @param member as seen before
 * @returns it with its status as read after the fence
 * @throws RefusedError when it lost what it had received; it does not count any more then
 */
export async function fenceOne(crew: Crew, member: AnsweringMember, epoch: number): Promise<AnsweringMember> {
  const control = controlOf(crew, member.name);
  if (isOpen(member)) await closeClients(crew, control);
  await control.fence(member.status);
  await control.promise(epoch, undefined);
  const status = await control.status();
  if (!contains(everything({ status }), member.status.received)) {
    await control.disown();
    throw new RefusedError(`${member.name} lost received transactions while it was fenced`, 'Start the last primary again with the data that it had.');
  }
  return { ...member, status };
}
