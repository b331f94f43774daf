/** Starts what sends push messages: one for each node. */
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { jmapAccess } from './jmap/access.ts';
import type { JmapUser } from './jmap/method.ts';
import { PushSender } from './jmap/push/sender.ts';
import type { HttpParts } from './parts.ts';

export async function startPushSender(parts: HttpParts): Promise<AsyncDisposable> {
  const access = jmapAccess(parts, () => Promise.reject(new Refusal('notAllowed', 'nobody calls')));
  const sender = new PushSender({
    ...parts,
    target: parts.pushTarget,
    async accountsOf(id: AccountId) {
      const account = await parts.directory.account(id);
      if (account === undefined || account.disabled) return [];
      const user: JmapUser = {
        account: id,
        org: account.org,
        address: account.name,
        by: `account:${id}`,
        credential: '',
        ip: '',
        maySend: false,
      };
      return (await access.accounts(user)).map((each) => each.id);
    },
  });
  await sender.start();
  return sender;
}
