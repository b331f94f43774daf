/** Every operation of this part, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { place, placeAll } from './place.ts';

export const operations: readonly AnyOperation[] = [place, placeAll];
