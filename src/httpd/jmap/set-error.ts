/** What one record's change fails with (RFC 8620, 5.3). */
import { Refusal } from '../../base/refusal.ts';
import { invalidProperties, MethodError, SetError } from '../../proto/jmap/method-error.ts';
import type { Answer } from './method.ts';

export type SetErrors = Record<string, Answer>;

/** Runs the work for one record; what goes wrong with it is told under its id. */
export async function attempt(id: string, errors: SetErrors, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    errors[id] = setErrorOf(error).answer;
  }
}

/** A refusal that no method has words of its own for. What is neither is thrown on. */
export function setErrorOf(error: unknown): SetError {
  if (error instanceof SetError) return error;
  if (!(error instanceof Refusal)) throw error;
  const detail = error.message.slice(error.reason.length + 2);
  switch (error.reason) {
    case 'notFound':
    case 'mailboxNotFound':
      return new SetError('notFound', detail);
    case 'notAllowed':
    case 'senderNotAllowed':
      return new SetError('forbidden', detail);
    case 'mailboxFull':
    case 'storageFull':
    case 'limitReached':
      return new SetError('overQuota', detail);
    case 'rateLimited':
    case 'sendingLimit':
      return new SetError('rateLimit', detail);
    case 'messageTooLarge':
      return new SetError('tooLarge', detail);
    case 'storageBusy':
    case 'shuttingDown':
      throw error;
    default:
      if (isOtherState(error)) throw new MethodError('stateMismatch');
      return invalidProperties(error.at === undefined ? [] : error.at.split(' '), detail);
  }
}

/** A write found another state than the client knew. */
const isOtherState = ({ reason, at }: Refusal): boolean => reason === 'conflict' && at === 'state';

/** Refuses properties that nobody can set. */
export function checkNames(
  properties: readonly string[],
  { known, fixed = [] }: { readonly known: readonly string[]; readonly fixed?: readonly string[] },
): void {
  const wrong = properties.filter((name) => !known.includes(name) || fixed.includes(name));
  if (wrong.length > 0) throw invalidProperties(wrong);
}

export const notFound = (): SetError => new SetError('notFound');
