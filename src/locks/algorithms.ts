/**
 * The ways of locking that are written here, beside our own client.
 *
 * @module
 */
import { delOnReleaseAdapter } from './del-on-release.js';
import { getThenDelAdapter } from './get-then-del.js';
import type { LockAdapter } from './lock-client.js';
import { redlockSequentialAdapter } from './redlock-sequential.js';
import { setNxPxAdapter } from './set-nx-px.js';
import { setexAdapter } from './setex.js';
import { setnxExpireScriptAdapter } from './setnx-expire-script.js';
import { setnxThenExpireAdapter } from './setnx-then-expire.js';
import { setnxAdapter } from './setnx.js';

/** In the order in which they are listed: the sound ones, and then the history of their mistakes. */
export const ALGORITHMS: readonly LockAdapter[] = [
  redlockSequentialAdapter,
  setNxPxAdapter,
  setnxAdapter,
  setnxThenExpireAdapter,
  setnxExpireScriptAdapter,
  setexAdapter,
  getThenDelAdapter,
  delOnReleaseAdapter,
];
