/** ContactCard/copy (RFC 9610, 3.6; RFC 8620, 5.4). */
import { booleanOf, mapOf, optionalString } from '../../../proto/jmap/arguments.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { IfInState } from '../if-in-state.ts';
import type { Answer, Method } from '../method.ts';
import type { RecordChanging } from '../records.ts';
import { attempt, notFound } from '../set-error.ts';
import { orNull } from '../setting.ts';

export function copyCards(cards: RecordChanging): Method {
  return async (args, context) => {
    const { fromAccountId, accountId } = args;
    const ifInState = optionalString(args, 'ifInState');
    const ifFromInState = optionalString(args, 'ifFromInState');
    const destroyFromIfInState = optionalString(args, 'destroyFromIfInState');
    const destroys = booleanOf(args, 'onSuccessDestroyOriginal');
    const create = mapOf(args, 'create');
    if (fromAccountId === accountId) throw invalidArguments('the accounts are the same');
    const common = { context, args, ifInState: new IfInState(ifInState) };
    const from = { ...common, account: await fromAccount(context, fromAccountId) };
    const to = { ...common, account: await context.account(args) };
    const oldState = await cards.state(to);
    if (ifInState !== undefined && ifInState !== oldState) throw new MethodError('stateMismatch');
    if (ifFromInState !== undefined && ifFromInState !== (await cards.state(from)))
      throw new MethodError('stateMismatch');
    if (to.account.isReadOnly) throw new MethodError('accountReadOnly');
    const created: Record<string, Answer> = {};
    const notCreated: Record<string, Answer> = {};
    const done: string[] = [];
    for (const [creationId, properties] of create)
      await attempt(creationId, notCreated, async () => {
        const { id } = properties;
        const [original] = typeof id === 'string' ? await cards.get(from, [id]) : [];
        if (original === undefined) throw notFound();
        const { id: _, ...rest } = { ...original, ...properties };
        const made = await cards.create!(to, rest, creationId);
        created[creationId] = made;
        context.createdIds.set(creationId, made.id);
        done.push(original.id);
      });
    const answer = {
      fromAccountId: from.account.id,
      accountId: to.account.id,
      oldState,
      newState: await cards.state(to),
      created: orNull(created),
      notCreated: orNull(notCreated),
    };
    if (!destroys || done.length === 0) return answer;
    const implied = await context.invoke('ContactCard/set', {
      accountId: from.account.id,
      destroy: done,
      ...(destroyFromIfInState !== undefined && { ifInState: destroyFromIfInState }),
    });
    return { answer, implied };
  };
}

async function fromAccount(
  context: Parameters<Method>[1],
  id: unknown,
): Promise<Awaited<ReturnType<Parameters<Method>[1]['account']>>> {
  try {
    return await context.account({ accountId: id });
  } catch (error) {
    if (error instanceof MethodError && error.type === 'accountNotFound')
      throw new MethodError('fromAccountNotFound');
    throw error;
  }
}
