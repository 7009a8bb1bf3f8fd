import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONNECTIONS, KEPT_UPSTREAM, OPEN_FILES } from '../../local/nginx/conf.ts';
import { prepareNginx, workerUser } from '../../local/nginx/prepare.ts';
import { argvOf } from '../../local/programs/program.ts';
import type { Bed } from './bed.ts';
import { serves } from './serves.ts';

/** As many as the stack has. */
const EDGES = 2;

/**
 * Starts edges with the stack's own settings in front of Koa processes; they share a port, as in the stack.
 * @param cacheSeconds 0: without nginx's own cache
 * @returns their URL
 */
export async function startEdges(bed: Bed, name: string, { webPorts, cacheSeconds }: { readonly webPorts: readonly number[]; readonly cacheSeconds: number }): Promise<string> {
  const [httpPort = 0, ...healthPorts] = await bed.ports(1 + EDGES);
  for (const [index, healthPort] of healthPorts.entries()) {
    const settings = { folder: bed.folder(`${name}-${index}`), httpPort, healthPort, webPorts, cacheSeconds, without: bed.nginxLacks, ...workerUser() };
    const server = bed.spawn(`${name}-${index}`, prepareNginx(bed.programs.nginx, settings), bed.programs.nginx.env);
    await serves({ what: `${name}-${index}`, url: `http://127.0.0.1:${healthPort}/healthz`, server, signal: bed.signal });
  }
  return `http://127.0.0.1:${httpPort}`;
}

/** Where the plain nginx serves what. */
export interface PlainUrls {
  /** An answer out of its own memory. */
  readonly fixed: string;
  /** A page of the Koa "hello" behind it, kept for one second. */
  readonly cached: string;
  /** The Koa "hello" behind it. */
  readonly proxied: string;
}

/**
 * Starts an nginx that does as little as it can: the limit of what an edge can do. As many workers as the stack has edges.
 * @param body what its fixed answer is
 */
export async function startPlainNginx(bed: Bed, { helloPorts, body }: { readonly helloPorts: readonly number[]; readonly body: string }): Promise<PlainUrls> {
  const [fixed = 0, cached = 0, proxied = 0] = await bed.ports(3);
  const folder = bed.folder('plain-nginx');
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, plainConf(folder, { fixed, cached, proxied, helloPorts, body, lacks: bed.nginxLacks }));
  const server = bed.spawn('plain-nginx', argvOf(bed.programs.nginx, ['-e', 'stderr', '-p', folder, '-c', file]), bed.programs.nginx.env);
  const urls = { fixed: `http://127.0.0.1:${fixed}`, cached: `http://127.0.0.1:${cached}`, proxied: `http://127.0.0.1:${proxied}` };
  await serves({ what: 'The plain nginx', url: urls.proxied, server, signal: bed.signal });
  return urls;
}

interface PlainSettings {
  readonly fixed: number;
  readonly cached: number;
  readonly proxied: number;
  readonly helloPorts: readonly number[];
  readonly body: string;
  readonly lacks: readonly string[];
}

const plainConf = (folder: string, { fixed, cached, proxied, helloPorts, body, lacks }: PlainSettings): string => `daemon off;
${workerUser().user === undefined ? '' : `user ${workerUser().user};\n`}pid "${folder}/nginx.pid";
error_log stderr warn;
worker_processes ${EDGES};
worker_rlimit_nofile ${OPEN_FILES};
events { worker_connections ${CONNECTIONS}; }
http {
  access_log off;
  keepalive_requests 1000000;
${['client_body', 'proxy', ...['fastcgi', 'uwsgi', 'scgi'].filter((name) => !lacks.includes(name))].map((name) => `  ${name}_temp_path "${folder}/${name}";`).join('\n')}
  proxy_cache_path "${folder}/cache" keys_zone=hello:1m use_temp_path=off;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  upstream hello {
${helloPorts.map((port) => `    server 127.0.0.1:${port} max_fails=0;`).join('\n')}
    keepalive ${KEPT_UPSTREAM};
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:${fixed} reuseport backlog=4096;
    location / { default_type application/json; return 200 '${body}'; }
  }
  server {
    listen 127.0.0.1:${cached} reuseport backlog=4096;
    location / { proxy_pass http://hello; proxy_cache hello; proxy_cache_valid 200 1s; }
  }
  server {
    listen 127.0.0.1:${proxied} reuseport backlog=4096;
    location / { proxy_pass http://hello; }
  }
}
`;
