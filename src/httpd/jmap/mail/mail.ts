/** urn:ietf:params:jmap:mail (RFC 8621). */
import { levelMaxBytes, levelsMax } from '../../../mailbox/name.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import type { HttpParts } from '../../parts.ts';
import type { Capability } from '../method.ts';
import { changesOf } from './changes.ts';
import { sortOptions } from './email-filter.ts';
import { emailGet } from './email-get.ts';
import { emailCopy, emailImport } from './email-import.ts';
import { emailParse } from './email-parse.ts';
import { emailQuery, emailQueryChanges } from './email-query.ts';
import { emailSet } from './email-set.ts';
import { mailboxGet } from './mailbox-get.ts';
import { mailboxQuery, mailboxQueryChanges } from './mailbox-query.ts';
import { mailboxSet } from './mailbox-set.ts';
import { snippetGet } from './snippet.ts';
import { threadGet } from './thread.ts';

export const mailUri = 'urn:ietf:params:jmap:mail';

export function mail(parts: HttpParts): Capability {
  return {
    uri: mailUri,
    ofServer: {},
    ofAccount: async ({ isPersonal }) => ({
      maxMailboxesPerEmail: null,
      maxMailboxDepth: levelsMax,
      maxSizeMailboxName: levelMaxBytes,
      maxSizeAttachmentsPerEmail: limits.maxSizeUpload,
      emailQuerySortOptions: sortOptions,
      mayCreateTopLevelMailbox: isPersonal,
    }),
    methods: {
      'Mailbox/get': mailboxGet(parts),
      'Mailbox/changes': changesOf('mailboxes', parts),
      'Mailbox/query': mailboxQuery(parts),
      'Mailbox/queryChanges': mailboxQueryChanges(parts),
      'Mailbox/set': mailboxSet(parts),
      'Thread/get': threadGet(parts),
      'Thread/changes': changesOf('threads', parts),
      'Email/get': emailGet(parts),
      'Email/changes': changesOf('emails', parts),
      'Email/query': emailQuery(parts),
      'Email/queryChanges': emailQueryChanges(parts),
      'Email/set': emailSet(parts),
      'Email/copy': emailCopy(parts),
      'Email/import': emailImport(parts),
      'Email/parse': emailParse(parts),
      'SearchSnippet/get': snippetGet(parts),
    },
  };
}
