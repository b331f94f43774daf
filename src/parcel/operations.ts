/** The operations of files that are handed out, for `app` to gather. Others call `Parcels`. */
import type { AnyOperation } from '../store/operation.ts';
import {
  changeParcel,
  createParcel,
  dropParcel,
  dropParcelsOf,
  finishParcel,
  forgetGuesses,
  forgetParcels,
  noteGuess,
  putPiece,
  takeParcel,
} from './rows.ts';

export const operations: readonly AnyOperation[] = [
  createParcel,
  putPiece,
  finishParcel,
  changeParcel,
  takeParcel,
  noteGuess,
  forgetGuesses,
  dropParcel,
  forgetParcels,
  dropParcelsOf,
];
