import { API_PATH, HTTP } from '../../common/names.ts';
import { MAPS, PROBLEM_CODES, PROBLEM_PATH } from './problems.ts';

/** What one nginx is told. */
export interface NginxSettings {
  /** Absolute path of a folder of its own, for its pid, its temporary files and its cache. */
  readonly folder: string;
  /** Clients; every nginx of the stack listens on it. */
  readonly httpPort: number;
  /** This nginx alone, to see whether it lives. */
  readonly healthPort: number;
  /** Where the Koa processes listen. */
  readonly webPorts: readonly number[];
  /** Seconds for which a page is served from nginx's own cache at most; 0: no such cache, and no stale pages. */
  readonly cacheSeconds: number;
  /** The user of the worker, when nginx is started by root: else it would be one that may not read the folder. */
  readonly user?: string;
  /** Which of nginx's upstream modules this build lacks: their settings would be unknown to it. */
  readonly without: readonly TemporaryUser[];
  /** In a cluster: it listens on every address, and finds the Koa processes by name instead of `webPorts`. Needs nginx 1.27.4. */
  readonly cluster?: ClusterEdge;
}

/** What an nginx in a cluster is told beside {@link NginxSettings}. */
export interface ClusterEdge {
  /** A name with one address per Koa process; asked again every second. */
  readonly webHost: string;
  readonly webPort: number;
  /** Absolute path of a file with the `resolver`, and the paths for the modules of `without`, both known only where it runs. */
  readonly include: string;
}

/** Modules that want a folder for temporary files, whether they are used or not. */
export type TemporaryUser = 'fastcgi' | 'uwsgi' | 'scgi';

const TEMPORARY_USERS: readonly TemporaryUser[] = ['fastcgi', 'uwsgi', 'scgi'];

/** Reads from `nginx -V` which of these modules were left out. */
export const omittedModules = (versionText: string): readonly TemporaryUser[] => TEMPORARY_USERS.filter((module) => versionText.includes(`--without-http_${module}_module`));

/** A string of nginx's settings: a path may have blanks. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** The variable that nginx makes of a header's or a cookie's name. */
const variable = (prefix: string, name: string): string => `$${prefix}_${name.replaceAll('-', '_')}`;

const temporaryPaths = ({ folder, without }: NginxSettings): string =>
  ['client_body', 'proxy', ...TEMPORARY_USERS.filter((module) => !without.includes(module))].map((name) => `  ${name}_temp_path ${quoted(`${folder}/${name}`)};`).join('\n');

const upstreamFreshness = variable('upstream_http', HTTP.freshness);
const seenCookie = variable('cookie', HTTP.seenCookie);

/**
 * nginx counts in whole seconds: what is valid for one is served for up to two. So one second is to the end of the second
 * in which the page was asked for, which Koa gives back in X-Accel-Expires, and more are one less than they say.
 */
const untilWhen = ({ cacheSeconds }: NginxSettings): string => (cacheSeconds === 1 ? '@$second' : '""');
const validLine = ({ cacheSeconds }: NginxSettings): string => (cacheSeconds === 1 ? '' : `\n      proxy_cache_valid 200 ${cacheSeconds - 1}s;`);

/** Pages of the API, kept for a moment. */
function cacheLines(settings: NginxSettings): string {
  if (settings.cacheSeconds === 0) return '';
  return `
      proxy_cache pages;
      proxy_cache_key $http_host$request_uri;${validLine(settings)}
      # What browsers may keep is another matter.
      proxy_ignore_headers Cache-Control Expires;
      # A client that has just written reads its own write; an answer that may be old is not made older.
      proxy_cache_bypass ${seenCookie};
      proxy_no_cache ${upstreamFreshness};
      # Older pages only when no Koa answers. Never "updating": it answers with a page of any age to the first who asks
      # after a quiet hour. No proxy_cache_lock: those who wait for it look only every 500 ms, and Koa fills once anyway.
      proxy_cache_use_stale error timeout invalid_header;`;
}

const cachePath = ({ folder, cacheSeconds }: NginxSettings): string =>
  cacheSeconds === 0 ? '' : `  proxy_cache_path ${quoted(`${folder}/cache`)} levels=1:2 keys_zone=pages:10m max_size=256m inactive=1h use_temp_path=off;\n`;

const proxying = (settings: NginxSettings): string => `
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    # Always nginx's own, the same for all attempts at one request of a client: the service's key for exactly once.
    proxy_set_header ${HTTP.requestId} $request_id;
    proxy_set_header ${HTTP.waited} $request_time;
    proxy_set_header ${HTTP.edgeUntil} ${untilWhen(settings)};

    # Writes as well: their key makes a second attempt harmless. A Koa that waits for a primary says "again" within a
    # second, so one that is silent for two is frozen. max_fails=0: nobody is written off, for then all would be.
    proxy_next_upstream error timeout invalid_header non_idempotent;
    proxy_connect_timeout ${settings.cluster === undefined ? '1s' : '500ms'};
    proxy_send_timeout 2s;
    proxy_read_timeout 2s;
    proxy_buffers 16 16k;
    proxy_busy_buffers_size 32k;`;

const answering = `
    # Each of nginx's own for one of Koa's: what nginx knows better.
    proxy_hide_header X-Request-Id;
    proxy_hide_header X-Cache;
    proxy_hide_header X-Freshness;
    add_header X-Request-Id $request_id always;
    add_header X-Cache $upstream_cache_status always;
    add_header X-Freshness $freshness always;`;

const servers = ({ webPorts, cluster }: NginxSettings): string =>
  cluster === undefined
    ? webPorts.map((port) => `    server 127.0.0.1:${port} max_fails=0;`).join('\n')
    : `    zone web 256k;\n    server ${cluster.webHost}:${cluster.webPort} resolve max_fails=0;`;

const upstream = (settings: NginxSettings): string => `  upstream web {
    least_conn;
${servers(settings)}
    # With more requests than this under way, connections are closed after their answers and opened anew for the next ones.
    keepalive ${KEPT_UPSTREAM};
    # Shorter than the 5 s after which Node closes an idle connection, so that none is used while it is being closed.
    keepalive_timeout 4s;
    keepalive_requests 100000;
  }`;

const addressOf = ({ cluster }: NginxSettings): string => (cluster === undefined ? '127.0.0.1' : '0.0.0.0');

/** Which of nginx's own errors become problem documents; 494 is its name for headers that are too large. */
const problemPages = (codes: readonly number[] = PROBLEM_CODES): string => `
    error_page ${codes.join(' ')} ${PROBLEM_PATH};
    error_page 494 =431 ${PROBLEM_PATH};`;

/** Named locations in which a request is begun anew, one after the other. */
const ANEW = ['@second', '@third', '@fourth'];

/**
 * A request that no Koa has answered is begun anew. All may be busy for two seconds, as when thousands connect at once. And
 * where their addresses change between two attempts, as when a silent one is withdrawn, nginx (1.27.3 and later) calls all
 * others busy and gives up with 502, and with 504 where there was only one: then the addresses of now are asked.
 */
const anewIn = (location: string | undefined): string =>
  location === undefined ? problemPages() : `${problemPages(PROBLEM_CODES.filter((code) => code !== 502 && code !== 504))}
    error_page 502 504 = ${location};`;

// Each may try others for two seconds only: where all are silent, the client is told so after the ten that it waits for.
const anew = `
    recursive_error_pages on;${ANEW.map((location, index) => `
    location ${location} {
      proxy_pass http://web;
      proxy_next_upstream_timeout 2s;${anewIn(ANEW[index + 1])}
    }`).join('')}`;

const edge = (settings: NginxSettings): string => `  server {
    # Every nginx of the stack listens on this port: the kernel shares the connections out, and either alone serves.
    listen ${addressOf(settings)}:${settings.httpPort} reuseport backlog=4096;
    client_max_body_size 100k;
    client_body_buffer_size 128k;
${proxying(settings)}
${answering}
${anewIn(ANEW[0])}

    location ${API_PATH} {
      proxy_pass http://web;${cacheLines(settings)}
    }
    location / {
      proxy_pass http://web;
    }
    # Koa's "ask another one": the same method, body and request id, up to ten times.
    location ${HTTP.againLocation} {
      proxy_pass http://web;
    }${anew}
    # Not a named location: nginx sends no request there that has no path, such as one that is not HTTP.
    location = ${PROBLEM_PATH} {
      internal;
      default_type application/problem+json;
      add_header X-Request-Id $request_id always;
      add_header Retry-After $problem_retry_after always;
      # error_page keeps the status; 200 stands for it here.
      return 200 '{"type":"about:blank","title":"$problem_title","status":$status,"detail":"$problem_detail"}';
    }
  }`;

/** In the folder: this nginx is about to stop. */
export const LEAVING = 'leaving';

const health = (settings: NginxSettings): string => `  server {
    listen ${addressOf(settings)}:${settings.healthPort};
    default_type text/plain;
    location = /healthz {
${leaving(settings)}      return 200 "ok\\n";
    }
  }`;

/** An edge that is about to stop says so first, so that nobody is sent there any more when its socket closes. */
const leaving = ({ cluster, folder }: NginxSettings): string => (cluster === undefined ? '' : `      if (-f ${folder}/${LEAVING}) {
        return 503;
      }
`);

/** Idle connections stay open for a while after nginx was asked to stop: a request may be on its way on one. Each answer closes its own. */
const stopping = ({ cluster }: NginxSettings): string => (cluster === undefined ? '' : '  keepalive_min_timeout 10s;\n');

/**
 * Of one nginx, which may be the only one: a client has one connection, and while Koa answers it a second one behind it. When
 * none is left nginx closes those of clients that just have no request under way, and cuts what they send in that moment.
 */
export const CONNECTIONS = 16_384;

/** Beside the connections, files of the cache that are being read. Where the system allows less, nginx says so when it starts. */
export const OPEN_FILES = 20_000;

/** Idle ones cost Koa some kilobytes each, for four seconds. */
export const KEPT_UPSTREAM = 4096;

/** Renders `nginx.conf`. */
export const nginxConf = (settings: NginxSettings): string => `# Made at each start; changes are lost.
daemon off;
${settings.user === undefined ? '' : `user ${settings.user};\n`}pid ${quoted(`${settings.folder}/nginx.pid`)};
error_log stderr warn;
worker_processes 1;
worker_rlimit_nofile ${OPEN_FILES};
worker_shutdown_timeout ${settings.cluster === undefined ? 5 : 20}s;
events {
  worker_connections ${CONNECTIONS};
}
http {
  server_tokens off;
  default_type application/octet-stream;
  keepalive_timeout 65s;
  keepalive_requests 100000;
${stopping(settings)}  client_header_timeout 10s;
  client_body_timeout 10s;
  send_timeout 10s;
${temporaryPaths(settings)}
${settings.cluster === undefined ? '' : `  include ${quoted(settings.cluster.include)};\n`}${cachePath(settings)}
  log_format trouble escape=json '{"time":"$time_iso8601","request":"$request","status":$status,"requestId":"$request_id","seconds":$request_time,"upstream":"$upstream_addr","upstreamStatus":"$upstream_status","upstreamSeconds":"$upstream_response_time"}';
  access_log /dev/stdout trouble if=$trouble;
${MAPS}
  map $msec $second {
    ~^(?<whole>\\d+) $whole;
  }
  # Which of the answers that may be older this is; the rest is the service's to say.
  map $upstream_cache_status $freshness {
    HIT "edge-cache";
    STALE "edge-stale";
    default ${upstreamFreshness};
  }
${upstream(settings)}
${edge(settings)}
${health(settings)}
}
`;
