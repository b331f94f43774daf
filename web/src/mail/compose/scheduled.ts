/** Mail that waits for its time (RFC 8621, 7). */
import { queryOptions } from '@tanstack/react-query';
import { jmap, mail, submission } from '../jmap/client.ts';
import type { EmailAddress, Id } from '../jmap/types.ts';
import { scheduledKey } from './keys.ts';

export interface Scheduled {
  readonly submission: Id;
  readonly email: Id;
  readonly identity: Id;
  readonly sendAtMs: number;
  readonly subject: string;
  readonly to: readonly string[];
}

interface SubmissionRecord {
  readonly id: Id;
  readonly emailId: Id;
  readonly identityId: Id;
  readonly sendAt: string;
  readonly envelope: { readonly rcptTo: readonly EmailAddress[] };
}

const momentMs = 30_000;

export const scheduledQuery = (account: Id) =>
  queryOptions({
    queryKey: scheduledKey(account),
    staleTime: 30_000,
    queryFn: async ({ signal }): Promise<readonly Scheduled[]> => {
      const { s, e } = await jmap(
        [
          [
            'EmailSubmission/query',
            {
              accountId: account,
              filter: { undoStatus: 'pending' },
              sort: [{ property: 'sentAt', isAscending: true }],
              limit: 500,
            },
            'q',
          ],
          [
            'EmailSubmission/get',
            {
              accountId: account,
              '#ids': { resultOf: 'q', name: 'EmailSubmission/query', path: '/ids' },
              properties: ['emailId', 'identityId', 'sendAt', 'envelope'],
            },
            's',
          ],
          [
            'Email/get',
            {
              accountId: account,
              '#ids': { resultOf: 's', name: 'EmailSubmission/get', path: '/list/*/emailId' },
              properties: ['id', 'subject'],
            },
            'e',
          ],
        ],
        { using: [mail, submission], signal },
      );
      const subjects = new Map(
        (e!['list'] as readonly { id: Id; subject: string | null }[]).map(({ id, subject }) => [id, subject]),
      );
      return (
        (s!['list'] as readonly SubmissionRecord[])
          .map(({ id, emailId, identityId, sendAt, envelope }) => ({
            submission: id,
            email: emailId,
            identity: identityId,
            sendAtMs: Date.parse(sendAt),
            subject: subjects.get(emailId) ?? '',
            to: envelope.rcptTo.map(({ email }) => email),
          }))
          // What can still be taken back for a moment is no appointment.
          .filter(({ sendAtMs }) => sendAtMs > Date.now() + momentMs)
          .toSorted((a, b) => a.sendAtMs - b.sendAtMs)
      );
    },
  });
