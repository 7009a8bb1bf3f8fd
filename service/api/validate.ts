import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { NewProperty, ReplacedProperty } from './property.ts';
import { type FieldError, invalid, pointerTo } from './problem.ts';
import { storedTime } from './time.ts';

/** A body of 100 kB has room for thousands of wrong fields; so many are named. */
const MOST_ERRORS = 1000;

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true, ownProperties: true });
ajv.addFormat('date-time', { type: 'string', validate: (text) => storedTime(text) !== undefined });
ajv.addFormat('uri', { type: 'string', validate: isLink });
/** Half a surrogate pair has no UTF-8: it could not be stored as it came. U+FFFD is what a decoder puts for broken bytes. */
ajv.addFormat('text', { type: 'string', validate: (text) => text.isWellFormed() });
// The library's own divides doubles and allows for an error; two decimals are asked for exactly.
ajv.removeKeyword('multipleOf');
ajv.addKeyword({ keyword: 'multipleOf', type: 'number', schemaType: 'number', validate: (_step: number, value: number) => Number(value.toFixed(2)) === value });

function isLink(text: string): boolean {
  return /^https?:\/\/[^\s]/i.test(text) && text.isWellFormed() && URL.canParse(text) && !/[\s<>"{}|\\^`]/.test(text);
}

const validateNew = ajv.compile<NewProperty>(NewProperty);
const validateReplaced = ajv.compile<NewProperty & { id?: number }>(ReplacedProperty);

/**
 * The body of a POST, when it is one.
 * @throws Problem 422 that names every wrong field
 */
export function validNew(body: unknown): NewProperty {
  if (!validateNew(body)) throw invalid(422, toFieldErrors(validateNew.errors ?? []));
  return body;
}

/**
 * The body of a PUT on this id, when it is one.
 * @throws Problem 422 that names every wrong field
 */
export function validReplacement(body: unknown, id: number): NewProperty {
  const errors = validateReplaced(body) ? [] : toFieldErrors(validateReplaced.errors ?? []);
  const own = typeof body === 'object' && body !== null && Object.hasOwn(body, 'id') ? (body as { id: unknown }).id : undefined;
  if (own !== undefined && own !== id && !errors.some(({ field }) => field === 'id')) {
    errors.push({ field: 'id', pointer: '#/id', detail: `must be the path's, ${id}, or be left out` });
  }
  if (errors.length > 0) throw invalid(422, errors);
  return body as NewProperty;
}

function toFieldErrors(errors: readonly ErrorObject[]): FieldError[] {
  const all = errors.map(toFieldError);
  // One sentence per field: what is too long and no URL as well is told the first of it.
  return all.filter(({ field }, index) => all.findIndex((other) => other.field === field) === index).slice(0, MOST_ERRORS);
}

function toFieldError({ keyword, instancePath, params, message }: ErrorObject): FieldError {
  if (keyword === 'additionalProperties') return fieldError(String(params['additionalProperty']), 'is not a field of a property that can be set');
  if (keyword === 'required') return fieldError(String(params['missingProperty']), 'must be given');
  const field = instancePath.split('/')[1] ?? '';
  if (field === '') return { field, pointer: '#', detail: 'The body must be a JSON object' };
  return fieldError(field, SAID[keyword === 'format' ? String(params['format']) : keyword] ?? message ?? 'is not valid');
}

const fieldError = (field: string, detail: string): FieldError => ({ field, pointer: pointerTo(field), detail });

/** By keyword or format, where the library's words say too little. */
const SAID: Readonly<Record<string, string>> = {
  'date-time': 'must be an ISO 8601 time with offset, such as 2016-05-07T00:00:00+00:00, from the year 1000 to 9999',
  uri: 'must be an http or https URL',
  text: 'must be well-formed text: half a surrogate pair is none',
  multipleOf: 'must have at most two decimals',
};
