/** Errors on their way between threads: a structured clone keeps neither classes nor own fields of an error. */
import { Refusal, type Reason } from '../../base/refusal.ts';

export type ErrorImage =
  | {
      readonly is: 'refusal';
      readonly reason: Reason;
      readonly detail: string;
      readonly at: string | undefined;
      readonly stack: string;
    }
  | { readonly is: 'error'; readonly name: string; readonly message: string; readonly stack: string };

export function toImage(error: unknown): ErrorImage {
  if (error instanceof Refusal) {
    const detail = error.message.slice(error.reason.length + 2);
    return { is: 'refusal', reason: error.reason, detail, at: error.at, stack: error.stack ?? '' };
  }
  if (error instanceof Error) {
    return { is: 'error', name: error.name, message: error.message, stack: error.stack ?? '' };
  }
  return { is: 'error', name: 'Error', message: String(error), stack: '' };
}

/** The stack is that of the other thread: where it happened, not where it was heard of. */
export function fromImage(image: ErrorImage): Error {
  const error =
    image.is === 'refusal'
      ? new Refusal(image.reason, image.detail, image.at === undefined ? {} : { at: image.at })
      : new Error(image.message);
  if (image.is === 'error' && image.name !== 'Error')
    Object.defineProperty(error, 'name', { value: image.name });
  if (image.stack !== '') error.stack = image.stack;
  return error;
}
