import { setFlagsFromString } from 'node:v8';

/**
 * V8 learns which objects live long, and makes such in its old space at once. Under a load in which requests wait, for a transaction
 * or a failover, it learns that of what every request is made of, and never unlearns it: from then on each minor collection
 * copies all requests since the last one, 11 ms instead of 1.5, a seventh of a process's time (docs/performance.md). Imported
 * first, before anything is compiled that it is about.
 */
setFlagsFromString('--no-allocation-site-pretenuring');
