import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** What answers one path; the text is sent as it is. */
export interface Page {
  readonly type: string;
  readonly body: () => string | Promise<string>;
}

/**
 * Serves status and metrics.
 * @param pages by path, such as `/status`
 */
export function statusServer(pages: Readonly<Record<string, Page>>): Server {
  return createServer((request, response) => void answer(pages, request, response));
}

async function answer(pages: Readonly<Record<string, Page>>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`There is ${Object.keys(pages).join(', ')}.\n`);
    return;
  }
  try {
    const body = await page.body();
    response.writeHead(200, { 'content-type': page.type }).end(body);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(`${(error as Error).message}\n`);
  }
}
