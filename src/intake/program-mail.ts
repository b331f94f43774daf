/** What holds for mail of programs alone: the suppression list of their organisation, and where complaints about it come to (RFC 9477). */
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { Envelope, IntakeParts } from './intake.ts';

/** Undefined where nobody reads complaints, and for what people and tests send. */
export async function complaintAddressFor(
  { directory }: Pick<IntakeParts, 'directory'>,
  { org, application }: Principal,
  mail: { readonly message: string; readonly sender: string },
): Promise<string | undefined> {
  if (application === undefined || application.test) return undefined;
  return directory.complaintAddress?.({ ...mail, org });
}

/** What programs send obeys the list of the organisation; what people write does not. Refusal: `suppressed`. */
export async function refuseSuppressed(
  { suppressed }: Pick<IntakeParts, 'suppressed'>,
  principal: Principal | undefined,
  mail: { readonly envelope: Envelope; readonly recipient: string },
): Promise<void> {
  if (suppressed === undefined || principal?.application === undefined) return;
  const { campaign: topic = '', stream = principal.application.kind } = mail.envelope;
  const why = await suppressed({ org: principal.org, stream, topic }, mail.recipient);
  if (why !== undefined) throw new Refusal('suppressed', `${mail.recipient}: ${why}`);
}
