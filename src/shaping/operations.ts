/** The operations of shaping. */
import type { AnyOperation } from '../store/operation.ts';
import { keepStates } from './kept-states.ts';
import { beat, leave } from './nodes.ts';

export const operations: readonly AnyOperation[] = [keepStates, beat, leave];
