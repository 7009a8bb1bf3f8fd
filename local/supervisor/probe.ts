import { request } from 'node:http';
import { connect } from 'node:net';
import type { Probe } from './spec.ts';

/** Where all processes of the local stack listen. */
export const LOOPBACK = '127.0.0.1';

/**
 * Asks once. Any HTTP answer counts, whatever its status: it says that the process lives, not that it is content.
 * @param timeoutMs milliseconds until no answer is no answer
 * @param signal ends it before: no answer
 */
export function answers(probe: Probe, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const { port, path } = probe;
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
  return path === undefined ? accepts(port, limit) : respondsTo(port, path, limit);
}

function accepts(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, signal });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });
}

function respondsTo(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    // A connection of its own each time: a kept one would not show that new clients still get in.
    const asked = request({ host: LOOPBACK, port, path, agent: false, signal }, (response) => {
      response.destroy();
      resolve(true);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
