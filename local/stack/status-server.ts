import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { Problem } from '../programs/problem.ts';
import { LOOPBACK } from '../supervisor/probe.ts';
import type { StackStatus } from './status.ts';

/**
 * Serves the status of the stack: `GET /status`.
 * @param port also a lock: whoever has it is the only supervisor of this base port
 * @throws Problem when the port is taken
 */
export async function serveStatus(port: number, status: () => Promise<StackStatus>): Promise<Server> {
  const server = createServer((request, response) => {
    const reply = (code: number, body: unknown): void => {
      response.writeHead(code, { 'content-type': code === 200 ? 'application/json' : 'application/problem+json' }).end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'GET' || request.url !== '/status') return reply(404, { type: 'about:blank', title: 'Not Found', status: 404, detail: 'There is only GET /status.' });
    status().then(
      (whole) => reply(200, whole),
      (error: Error) => reply(500, { type: 'about:blank', title: 'Internal Server Error', status: 500, detail: error.message }),
    );
  });
  server.listen({ port, host: LOOPBACK, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Problem(`Port ${port} (for the supervisor) is taken by another program: end that, or move it with HOLDFAST_BASE_PORT=NUMBER.`, { cause: error });
  }
  return server;
}
