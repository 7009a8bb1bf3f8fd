import { request } from 'node:http';
import { connect } from 'node:net';
import type { Probe } from './spec.ts';

/** Where all processes of the local stack listen. */
export const LOOPBACK = '127.0.0.1';

/**
 * Asks once. Any HTTP answer counts, whatever its status: it says that the process lives, not that it is content.
 * @param timeoutMs milliseconds until no answer is no answer
 */
export function answers(probe: Probe, timeoutMs: number): Promise<boolean> {
  const { port, path } = probe;
  return path === undefined ? accepts(port, timeoutMs) : respondsTo(port, path, timeoutMs);
}

function accepts(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, timeout: timeoutMs });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

function respondsTo(port: number, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A connection of its own each time: a kept one would not show that new clients still get in.
    const asked = request({ host: LOOPBACK, port, path, agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.destroy();
      resolve(true);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
