import { connect } from 'node:net';
import { LOOPBACK } from '../supervisor/probe.ts';

const TIMEOUT_MS = 500;

/** How Redis calls it, and how this project does. */
const ROLES: Readonly<Record<string, string>> = { master: 'master', slave: 'replica', sentinel: 'sentinel' };

/**
 * Reads the role out of what Redis answers to ROLE.
 * @param reply all that came so far, in RESP
 * @returns nothing when it is not there yet
 */
export function roleIn(reply: string): string | undefined {
  const [, role = ''] = /\*\d+\r\n\$\d+\r\n(\w+)\r\n/.exec(reply) ?? [];
  return ROLES[role];
}

/**
 * Asks one Redis for its role, on a connection of its own.
 * @returns null when it does not say within half a second
 */
export function redisRole(port: number, password: string): Promise<string | null> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect({ host: LOOPBACK, port, timeout: TIMEOUT_MS });
    const settle = (role: string | null): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(role);
    };
    const late = setTimeout(() => settle(null), TIMEOUT_MS);
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nROLE\r\n`));
    socket.on('data', (text: string) => {
      reply += text;
      const role = roleIn(reply);
      if (role !== undefined) settle(role);
    });
    for (const event of ['timeout', 'error', 'close']) socket.once(event, () => settle(null));
  });
}
