/** What the workshop's thread is told, and what it tells. One piece of work at a time, so nothing has a number. */
import type { MessagePort } from 'node:worker_threads';
import type { AccountId } from '../../base/ids.ts';
import type { Limits } from '../../proto/sieve/limits.ts';
import type { Question, Surroundings } from '../../proto/sieve/surroundings.ts';
import type { Checked, RunnableScript } from '../script.ts';
import type { VerdictImage } from './verdict-image.ts';

export interface WorkshopData {
  /** Raised to 1 when an answer is on its way: the thread sleeps on it. */
  readonly signal: SharedArrayBuffer;
  readonly answers: MessagePort;
}

export type Work = RunWork | { readonly is: 'check'; readonly source: Uint8Array };

export interface RunWork {
  readonly is: 'run';
  readonly of: AccountId;
  readonly scripts: readonly Omit<RunnableScript, 'program'>[];
  readonly head: Uint8Array;
  readonly sizeBytes: number;
  /** Functions do not travel: the time zone is that of the machine. */
  readonly around: Omit<Surroundings, 'zoneMinutes'>;
  readonly limits: Limits;
  readonly traced: boolean;
}

export type FromWorkshop =
  | { readonly is: 'question'; readonly question: Question }
  | { readonly is: 'verdict'; readonly image: VerdictImage }
  | { readonly is: 'checked'; readonly checked: Checked }
  /** A question could not be answered: whoever answers knows why. */
  | { readonly is: 'unanswered' };

export type Reply = { readonly is: 'answer'; readonly value: unknown } | { readonly is: 'none' };
