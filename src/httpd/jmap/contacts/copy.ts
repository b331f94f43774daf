/** ContactCard/copy (RFC 9610, 3.6; RFC 8620, 5.4). */
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Answer, Method } from '../method.ts';
import { notFound, type Properties, type RecordChanging, setErrorOf } from '../records.ts';

export function copyCards(cards: RecordChanging): Method {
  return async (args, context) => {
    const { fromAccountId, accountId, create, ifInState = null, ifFromInState = null } = args;
    const { onSuccessDestroyOriginal = false, destroyFromIfInState = null } = args;
    if (typeof onSuccessDestroyOriginal !== 'boolean')
      throw invalidArguments('onSuccessDestroyOriginal is a Boolean');
    if (!isObject(create) || !Object.values(create).every(isObject))
      throw invalidArguments('create is a map');
    if (fromAccountId === accountId) throw invalidArguments('the accounts are the same');
    const from = { account: await fromAccount(context, fromAccountId), context, args };
    const to = { account: await context.account(args), context, args };
    const oldState = await cards.state(to);
    if (ifInState !== null && ifInState !== oldState) throw new MethodError('stateMismatch');
    if (ifFromInState !== null && ifFromInState !== (await cards.state(from)))
      throw new MethodError('stateMismatch');
    if (to.account.isReadOnly) throw new MethodError('accountReadOnly');
    const created: Record<string, Answer> = {};
    const notCreated: Record<string, Answer> = {};
    const done: string[] = [];
    for (const [creationId, properties] of Object.entries(create as Record<string, Properties>)) {
      try {
        const { id } = properties;
        const [original] = typeof id === 'string' ? await cards.get(from, [id]) : [];
        if (original === undefined) throw notFound();
        const { id: _, ...rest } = { ...original, ...properties };
        const made = await cards.create!(to, rest, creationId);
        created[creationId] = made;
        context.createdIds.set(creationId, made.id);
        done.push(original.id);
      } catch (error) {
        notCreated[creationId] = setErrorOf(error).answer;
      }
    }
    const answer = {
      fromAccountId: from.account.id,
      accountId: to.account.id,
      oldState,
      newState: await cards.state(to),
      created: Object.keys(created).length > 0 ? created : null,
      notCreated: Object.keys(notCreated).length > 0 ? notCreated : null,
    };
    if (!onSuccessDestroyOriginal || done.length === 0) return answer;
    const implied = await context.invoke('ContactCard/set', {
      accountId: from.account.id,
      destroy: done,
      ...(destroyFromIfInState !== null && { ifInState: destroyFromIfInState }),
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
