/**
 * A message on its way, as it is kept in the queue: what intake hands over, and what delivery is given.
 *
 * `QueuedMessage` is one accepted transaction; `QueuedRecipient` is one of its recipients, which lives and dies alone.
 */
import type { EntryId, MessageId } from '../base/ids.ts';
import type { StoredBody } from '../store/body.ts';

/** RFC 3461, 4.1. `never` stands alone. */
export type Notify = 'success' | 'failure' | 'delay' | 'never';

export interface QueuedMessage {
  readonly id: MessageId;
  /** The organisation it belongs to: the sender's; for mail from outside the first recipient's; `''` when neither is ours. */
  readonly org: string;
  /** The account that submitted, or `''`. */
  readonly account: string;
  /** A program handed it in: it obeys the suppression list, and has return paths of its own. */
  readonly program?: true;
  /** Transactional mail goes before bulk within a site. */
  readonly stream: 'transactional' | 'bulk';
  /** Groups mail for fairness and reports; `''` when none. */
  readonly campaign: string;
  /** Reverse-path without angle brackets, in Unicode as given; `''` is the null sender. */
  readonly sender: string;
  /** Language of notices to the sender. */
  readonly language: 'en' | 'ja';
  /** RFC 3461, 4.4: ENVID, decoded from xtext; `''` when absent. */
  readonly envid: string;
  /** RFC 3461, 4.3; `''` when the sender did not say. */
  readonly ret: 'full' | 'hdrs' | '';
  /** What the body needs of the next server (RFC 6152, RFC 3030). */
  readonly bodyKind: '7bit' | '8bitmime' | 'binarymime';
  /** Header or envelope needs SMTPUTF8 (RFC 6531). */
  readonly smtpUtf8: boolean;
  /** RFC 8689. */
  readonly requireTls: boolean;
  /** The sender would rather have it delivered than encrypted (`TLS-Required: No`, RFC 8689, 3). */
  readonly tlsOptional?: boolean;
  /** Organisations whose mailboxes get it into Junk. */
  readonly junkFor?: readonly string[];
  /** What the filters think: for each organisation how sure it is that this is spam, 0 to 100 (RFC 5235, 2). Absent: none looked. */
  readonly spam?: readonly (readonly [org: string, percent: number])[];
  /** Of viruses, by RFC 5235, 2.5. Absent: nobody looked. */
  readonly virus?: number;
  /** RFC 6710: -9 to 9. */
  readonly priority: number;
  readonly acceptedAtMs: number;
  /** Not tried before (RFC 4865); equals `acceptedAtMs` when not asked for. */
  readonly notBeforeMs: number;
  /** After this it is returned to the sender. */
  readonly expiresAtMs: number;
  /** Absent when not asked for. */
  readonly deliverBy?: DeliverBy;
  readonly sizeBytes: number;
  /** From the header, for lists and notices: Message-ID with its brackets, Subject decoded, both cut to 200 characters. */
  readonly headerMessageId: string;
  readonly subject: string;
}

/** DELIVERBY (RFC 2852): after `atMs` the message is returned (`return`), or the sender hears that it is late (`notify`). */
export interface DeliverBy {
  readonly atMs: number;
  readonly mode: 'return' | 'notify';
  /** The sender wants to hear of each server that takes it on. */
  readonly trace: boolean;
}

export interface QueuedRecipient {
  readonly id: EntryId;
  /** Forward-path without brackets, as the next server shall hear it before quoting. */
  readonly address: string;
  /** RFC 3461, 4.2: ORCPT as `type;address` decoded, or `''`. */
  readonly orcpt: string;
  /** RFC 3461, 4.1; empty means the default (failure and delay at our discretion). */
  readonly notify: readonly Notify[];
  /** Where it goes: `local` for our own mailboxes, else the destination domain as A-labels in lower case, or `[address literal]`. */
  readonly destination: string;
  /** Absent when it is what the sender wrote. */
  readonly through?: Through;
  /** How many changed copies filters may still send on because of it. Absent: as many as because of any message. */
  readonly copies?: number;
}

/** By which addresses of ours a message came to a recipient: aliases, groups, forwards. */
export interface Through {
  /** Whose they are. */
  readonly org: string;
  /** First the one the sender wrote. */
  readonly addresses: readonly string[];
}

/** A key that its sender chose, so that a mail that is handed in again is the same one (queue/rows/once.ts). */
export interface OnceKey {
  /** Within which keys are told apart: an organisation, or a login of it. */
  readonly scope: string;
  readonly key: string;
  /** Of what was handed in: the same key with another one is refused. */
  readonly digest: string;
  /** What the sender is answered, again and again. */
  readonly answer: string;
  readonly expiresAtMs: number;
}

/** What intake gives to the queue in one piece. */
export interface Submission {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly body: StoredBody;
  /** Recipients whose mail is kept back by filters, by organisation. Absent: none. */
  readonly quarantine?: readonly QuarantineNote[];
  readonly once?: OnceKey;
}

/** What filters keep back for one organisation, and why. */
export interface QuarantineNote {
  readonly org: string;
  readonly untilMs: number;
  readonly score: number;
  readonly rules: readonly { readonly rule: string; readonly weight: number; readonly detail: string }[];
  readonly recipients: readonly EntryId[];
}
