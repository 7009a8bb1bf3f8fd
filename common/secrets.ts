import { randomBytes } from 'node:crypto';
import { USERS } from './names.ts';

/** Every secret of a stack by its name: one per MySQL account, and one per other purpose. */
export const SECRET_KEYS = [...Object.values(USERS), 'root', 'redis', 'cookie'] as const;

const BYTES = 24;

/** A new secret: letters, digits, `-` and `_` only, so that it needs no quoting in any settings file. */
export const newSecret = (): string => randomBytes(BYTES).toString('base64url');
