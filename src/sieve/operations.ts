/** Every operation of this part, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { dropMemories, forgetMemories, hitsOf, oldMemories } from './rows/care.ts';
import {
  deleteScript,
  dropScripts,
  putScript,
  putVacation,
  renameScript,
  stageScript,
} from './rows/scripts.ts';

export const operations: readonly AnyOperation[] = [
  deleteScript,
  dropMemories,
  dropScripts,
  forgetMemories,
  hitsOf,
  oldMemories,
  putScript,
  putVacation,
  renameScript,
  stageScript,
];
