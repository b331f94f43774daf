/** What is kept of an EmailSubmission (RFC 8621, 7): what the client said, and what became of it. */
import type { Kept } from '../../../profile/profiles.ts';
import type { HttpParts } from '../../parts.ts';
import { idOf, type KeptType } from '../kept-records.ts';
import type { JmapRecord } from '../records.ts';
import type { DeliveryStatus } from './delivery-status.ts';
import type { GivenEnvelope } from './envelope.ts';
import { noNotices, type Notices } from './notices.ts';

export type SubmissionParts = Pick<
  HttpParts,
  'profiles' | 'directory' | 'mailboxes' | 'send' | 'events' | 'clock'
>;

export const submissionType: KeptType = { type: 'EmailSubmission', letter: 's' };

export interface SubmissionValue {
  readonly identityId: string;
  readonly emailId: string;
  readonly threadId: string;
  readonly envelope: GivenEnvelope;
  readonly sendAt: string;
  readonly undoStatus: 'pending' | 'final' | 'canceled';
  readonly deliveryStatus: Readonly<Record<string, DeliveryStatus>>;
  /** In the queue and the journey. */
  readonly message: string;
  /** Message-ID of what was sent, in its brackets; absent where it had none. */
  readonly messageId?: string;
  /** Notices that came for it; absent: none. */
  readonly notices?: Notices;
  /** Nothing more is to be heard of its delivery. */
  readonly isOver: boolean;
}

export const properties = [
  'identityId',
  'emailId',
  'threadId',
  'envelope',
  'sendAt',
  'undoStatus',
  'deliveryStatus',
  'dsnBlobIds',
  'mdnBlobIds',
] as const;
export const fixed = ['threadId', 'sendAt', 'deliveryStatus', 'dsnBlobIds', 'mdnBlobIds'];
export const shown = ({ id, value }: Pick<Kept<SubmissionValue>, 'id' | 'value'>): JmapRecord => {
  const { message: _, isOver: __, messageId: ___, notices = noNotices, ...rest } = value;
  return { id: idOf(submissionType, id), ...rest, ...notices };
};
