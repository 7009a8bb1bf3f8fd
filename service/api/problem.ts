import { STATUS_CODES } from 'node:http';

/** One wrong field of a body, or parameter of a query. */
export interface FieldError {
  /** The field's name; empty: the body as a whole. */
  readonly field: string;
  /** JSON pointer to it, as a URI fragment (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/** What a problem document says beside its status. */
export interface ProblemDetails {
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly details: ProblemDetails;

  constructor(status: number, details: ProblemDetails, options?: ErrorOptions) {
    super(details.detail, options);
    this.status = status;
    this.details = details;
  }

  /** The document. */
  toJSON(): Record<string, unknown> {
    const { detail, errors } = this.details;
    return { type: 'about:blank', title: STATUS_CODES[this.status] ?? 'Error', status: this.status, detail, ...(errors === undefined ? {} : { errors }) };
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

/** Names the wrong fields in a sentence as well, for those who read only that. */
export const invalid = (status: 400 | 422, errors: readonly FieldError[]): Problem =>
  new Problem(status, { detail: errors.map(({ field, detail }) => (field === '' ? detail : `${field} ${detail}`)).join('; '), errors });

/** JSON pointer of a top-level field, as a URI fragment. */
export function pointerTo(field: string): string {
  const escaped = field.replaceAll('~', '~0').replaceAll('/', '~1');
  return `#/${encodeURIComponent(escaped.toWellFormed())}`;
}
