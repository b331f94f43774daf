/** Idempotency keys, for those who keep answers under them (see rows/once.ts). */
export { forgetOnce, keepOnce, keptFor } from './rows/once.ts';
