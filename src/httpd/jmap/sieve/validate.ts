/** SieveScript/validate (RFC 9661, 2.4): what is wrong with a script, which is not stored. */
import { Refusal } from '../../../base/refusal.ts';
import { SetError } from '../../../proto/jmap/method-error.ts';
import { ScriptRefusal } from '../../../sieve/script.ts';
import type { Method } from '../method.ts';
import { callOf } from '../records.ts';
import { invalidSieve, type ScriptParts, sourceOf } from './scripts.ts';

export function validateScript(parts: ScriptParts): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const error = await problemOf(async () => {
      await parts.scripts.check(await sourceOf(parts, call, args['blobId']));
    });
    return { accountId: call.account.id, error: error?.answer ?? null };
  };
}

async function problemOf(work: () => Promise<void>): Promise<SetError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof SetError) return error;
    if (error instanceof ScriptRefusal) return invalidSieve(error);
    if (error instanceof Refusal && error.reason === 'limitReached')
      return new SetError('tooLarge', error.message);
    throw error;
  }
}
