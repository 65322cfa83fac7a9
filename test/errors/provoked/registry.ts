import type { ErrorCode } from '../../../src/index.js';
import { CALLS } from './calls.js';
import { ENDS } from './ends.js';
import { FLEETS } from './fleets.js';
import { GIVEN } from './given.js';
import type { Provocation } from './provocation.js';
import { RIVALS } from './rivals.js';
import { STORE } from './store.js';
import { TIMES } from './times.js';
import { VETOES } from './vetoes.js';

/** One story for every code that there is: a code without one does not compile. */
export const PROVOKED: Readonly<Record<ErrorCode, Provocation>> = {
  ...GIVEN,
  ...STORE,
  ...RIVALS,
  ...CALLS,
  ...TIMES,
  ...VETOES,
  ...FLEETS,
  ...ENDS,
};
