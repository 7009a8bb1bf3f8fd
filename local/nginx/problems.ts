/** An error of nginx's own, as RFC 9457 wants it. */
interface Problem {
  readonly title: string;
  readonly detail: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number;
}

const PROBLEMS: Readonly<Record<number, Problem>> = {
  400: { title: 'Bad Request', detail: 'This is not an HTTP request that can be understood.' },
  404: { title: 'Not Found', detail: 'There is nothing here.' },
  405: { title: 'Method Not Allowed', detail: 'This method is not served.' },
  408: { title: 'Request Timeout', detail: 'The request did not arrive in time.' },
  411: { title: 'Length Required', detail: 'The length of the body must be given.' },
  412: { title: 'Precondition Failed', detail: 'A condition of the request, such as If-Match, does not hold for the page that is kept here.' },
  413: { title: 'Content Too Large', detail: 'The body is larger than 100 kB.' },
  414: { title: 'URI Too Long', detail: 'The address is too long.' },
  431: { title: 'Request Header Fields Too Large', detail: 'The headers of the request are too large.' },
  500: { title: 'Internal Server Error', detail: 'The request could not be passed on.', retryAfter: 1 },
  501: { title: 'Not Implemented', detail: 'This kind of request is not served.' },
  502: { title: 'Bad Gateway', detail: 'No instance of the service can be reached at the moment.', retryAfter: 1 },
  503: { title: 'Service Unavailable', detail: 'The service is not available at the moment.', retryAfter: 1 },
  504: { title: 'Gateway Timeout', detail: 'No instance of the service answered in time.', retryAfter: 1 },
  505: { title: 'HTTP Version Not Supported', detail: 'This version of HTTP is not served.' },
};

/** The statuses that nginx itself answers with. */
export const PROBLEM_CODES: readonly number[] = Object.keys(PROBLEMS).map(Number);

/** Where nginx makes these documents; no client gets there. */
export const PROBLEM_PATH = '/.problem';

function map(name: string, value: (problem: Problem) => string): string {
  const lines = Object.entries(PROBLEMS).map(([status, problem]) => `    ${status} ${JSON.stringify(value(problem))};`);
  return `  map $status $${name} {\n    default "";\n${lines.join('\n')}\n  }`;
}

/** nginx's maps from a status to the parts of its problem document, and to whether the request is worth a line of log. */
export const MAPS: string = [
  map('problem_title', ({ title }) => title),
  map('problem_detail', ({ detail }) => detail),
  map('problem_retry_after', ({ retryAfter }) => (retryAfter === undefined ? '' : String(retryAfter))),
  '  map $status $trouble {\n    ~^5 1;\n    default 0;\n  }',
].join('\n');
