import type { Host } from '../host.ts';
import { localPlatform } from './platform.ts';
import type { LocalPlatformOptions } from './platform.ts';

/** One machine: nobody else to tell, nothing else to end. */
export const localHost = (options: LocalPlatformOptions, passwords: Host['passwords']): Host =>
  ({ platform: localPlatform(options), passwords, report: () => undefined, attend: () => undefined, close: () => Promise.resolve() });
