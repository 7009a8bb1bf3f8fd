import { holderOf, servingPrimary } from '../decide/roles.ts';
import type { Operator } from '../operator.ts';
import { statusOf } from '../status.ts';

interface MemberLine {
  readonly name: string;
  readonly role: string;
  readonly work: string | null;
  readonly problem: string | null;
}

/** What `kubectl describe configmap` shows a person: only what changes seldom, so that it is written seldom. */
export function summaryOf({ crew, loop }: Operator, name: string): Readonly<Record<string, string>> {
  const { members } = loop.observe();
  const lines = statusOf(name, crew, loop)['members'] as readonly MemberLine[];
  const { decided } = loop;
  return {
    primary: servingPrimary(members)?.name ?? 'none',
    epoch: String(holderOf(members).row?.epoch ?? 0),
    situation: decided?.situation ?? 'starting',
    decision: decided?.kind === 'refuse' ? `refused. ${decided.remedy}` : (decided?.kind ?? 'none'),
    paused: loop.paused ? 'yes' : 'no',
    members: lines.map((line) => [`${line.name}: ${line.role}`, line.work?.split(':')[0], line.problem?.replace(/ \(failed.*$/, '')].filter((part) => part !== undefined && part !== null).join(', ')).join('\n'),
  };
}
