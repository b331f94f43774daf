/** What holds for mail of programs alone: the suppression list of their organisation, and where complaints about it come to (RFC 9477). */
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { MailEvent } from '../events/event.ts';
import type { QueuedMessage } from '../queue/message.ts';
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

/**
 * `List-Unsubscribe` with one click (RFC 2369, RFC 8058) for mail whose stream, or whose program, wants this server to keep who is taken off. Only mail to one recipient can have
 * it: what is in the header is the same for all.
 */
export async function unsubscribeFieldsFor(
  { unsubscribeLinks }: Pick<IntakeParts, 'unsubscribeLinks'>,
  { org, application }: Principal,
  mail: {
    readonly message: string;
    readonly sender: string;
    readonly envelope: Envelope;
    readonly to: readonly string[];
  },
): Promise<string | undefined> {
  const { message, sender, envelope, to } = mail;
  const [address] = to;
  const wanted = envelope.unsubscribe ?? application?.unsubscribe ?? 'none';
  if (unsubscribeLinks === undefined || application === undefined || application.test) return undefined;
  if (wanted === 'none' || address === undefined || to.length > 1) return undefined;
  const { campaign = '', stream = application.kind } = envelope;
  const scope = wanted === 'topic' && campaign !== '' ? `topic:${campaign}` : `stream:${stream}`;
  const { url, mailto } = await unsubscribeLinks({ message, sender, org, scope, address });
  const links = [...(mailto === undefined ? [] : [`<${mailto}>`]), `<${url}>`];
  return `List-Unsubscribe: ${links.join(',\r\n ')}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`;
}

/** An address of the list that a mail names: it gets none, the others do. */
export interface Unsent {
  readonly address: string;
  /** Why it is on the list, for people. */
  readonly why: string;
}

/** What programs send obeys the list of the organisation; what people write does not. */
export class SuppressionCheck {
  /** Those that were refused, in the order in which they were named. */
  readonly unsent: Unsent[] = [];
  readonly #suppressed: IntakeParts['suppressed'];
  readonly #principal: Principal | undefined;
  readonly #envelope: Envelope;

  constructor(
    { suppressed }: Pick<IntakeParts, 'suppressed'>,
    principal: Principal | undefined,
    envelope: Envelope,
  ) {
    this.#suppressed = suppressed;
    this.#principal = principal;
    this.#envelope = envelope;
  }

  /** Refusal: `suppressed`. */
  async check(recipient: string): Promise<void> {
    const { application, org = '' } = this.#principal ?? {};
    if (this.#suppressed === undefined || application === undefined) return;
    const { campaign: topic = '', stream = application.kind } = this.#envelope;
    const why = await this.#suppressed({ org, stream, topic }, recipient);
    if (why === undefined) return;
    if (!this.unsent.some((one) => one.address === recipient)) this.unsent.push({ address: recipient, why });
    throw new Refusal('suppressed', `${recipient}: ${why}`);
  }

  /** For the ledger, when the others get the mail: nobody is left out without a trace. */
  events({ id, acceptedAtMs, org }: QueuedMessage): MailEvent<'bounced'>[] {
    return this.unsent.map(({ address, why }) => ({
      is: 'bounced',
      atMs: acceptedAtMs,
      message: id,
      org,
      recipient: address,
      data: {
        phase: 'dns',
        host: '',
        reply: `550 5.7.1 Not tried: on the suppression list (${why})`,
        why: 'suppressed',
      },
    }));
  }
}
