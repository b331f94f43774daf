/** Refusals of the domain as errors of a method or of one record. */
import type { Refusal } from '../../base/refusal.ts';
import { MethodError } from '../../proto/jmap/method-error.ts';

/** What a whole call fails with. */
export function methodErrorOf(refusal: Refusal): MethodError {
  const detail = refusal.message.slice(refusal.reason.length + 2);
  switch (refusal.reason) {
    case 'storageBusy':
    case 'shuttingDown':
    case 'rateLimited':
      return new MethodError('serverUnavailable', 'try again later');
    case 'storageFull':
      return new MethodError('serverFail', 'the store is full');
    case 'notAllowed':
      return new MethodError('forbidden', detail);
    case 'mailboxNotFound':
    case 'notFound':
      return new MethodError('invalidArguments', detail);
    case 'limitReached':
      return new MethodError('requestTooLarge', detail);
    default:
      return new MethodError('invalidArguments', detail);
  }
}
