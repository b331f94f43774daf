/** Sends invitations: mail of ours to where a person reads mail now. */
import { systemClock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Invitation } from '../httpd/parts.ts';
import { fromInside } from '../intake/session-info.ts';
import { parseMailbox } from '../proto/smtp/path.ts';
import { invitationNotice } from './invitation-notice.ts';
import type { ThreadParts } from './thread-parts.ts';

/** Durable when it is done. Refusal. */
export async function invite(
  { intake, facts: { settings } }: Pick<ThreadParts, 'intake' | 'facts'>,
  invitation: Invitation,
): Promise<void> {
  const to = parseMailbox(invitation.to);
  if (!to) throw new Refusal('invalid', 'is not an address', { at: 'to' });
  const domain = invitation.address.slice(invitation.address.lastIndexOf('@') + 1);
  using mail = await intake.begin(fromInside, { sender: null, params: {} });
  await mail.recipient(to, {});
  await mail.write(
    invitationNotice({
      ...invitation,
      from: `Postmaster <postmaster@${domain}>`,
      hostName: settings.hostname,
      messageId: newMessageId(systemClock),
      atMs: systemClock.nowMs(),
    }),
  );
  await mail.finish();
}
