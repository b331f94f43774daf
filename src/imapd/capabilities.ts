/**
 * What the server says it can do, by the state of the session (RFC 3501, 7.2.1), and by account: some mailers break on what they announce to understand, so an
 * administrator can take capabilities away from an account, or give it those that are not for everybody.
 */
import type { MechanismName } from '../proto/sasl/mechanism.ts';
import type { ImapOptions } from './options.ts';

const always = ['IMAP4rev1', 'IMAP4rev2'];
const everywhere = ['SASL-IR', 'ID', 'ENABLE', 'IDLE', 'LANGUAGE'];

export function capabilitiesBeforeLogin(
  options: ImapOptions,
  how: {
    readonly startTls: boolean;
    readonly mechanisms: readonly MechanismName[];
    readonly loginDisabled: boolean;
  },
): string[] {
  const names = [...always, literals(options), ...everywhere];
  if (how.startTls) names.push('STARTTLS');
  names.push(...how.mechanisms.map((name) => `AUTH=${name}`));
  if (how.loginDisabled) names.push('LOGINDISABLED');
  return names;
}

/** RFC 7888: never both. */
const literals = ({ literalMinus }: ImapOptions): string => (literalMinus ? 'LITERAL-' : 'LITERAL+');

const afterLogin = [
  'ID',
  'ENABLE',
  'IDLE',
  'NAMESPACE',
  'UIDPLUS',
  'MOVE',
  'UNSELECT',
  'CHILDREN',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'LIST-MYRIGHTS',
  'LIST-METADATA',
  'STATUS=SIZE',
  'STATUS=DELETED',
  'CONDSTORE',
  'QRESYNC',
  'ESEARCH',
  'SEARCHRES',
  'WITHIN',
  'SEARCH=FUZZY',
  'FILTERS',
  'PARTIAL',
  'MULTISEARCH',
  'SORT',
  'SORT=DISPLAY',
  'ESORT',
  'CONTEXT=SEARCH',
  'CONTEXT=SORT',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  'THREAD=REFS',
  'I18NLEVEL=1',
  'I18NLEVEL=2',
  'LANGUAGE',
  'BINARY',
  'CATENATE',
  'MULTIAPPEND',
  'REPLACE',
  'UIDBATCHES',
  'NOTIFY',
  'INPROGRESS',
  'METADATA',
  'ACL',
  'RIGHTS=texk',
  'QUOTA',
  'QUOTA=RES-STORAGE',
  'QUOTA=RES-MESSAGE',
  'QUOTA=RES-MAILBOX',
  'QUOTA=RES-ANNOTATION-STORAGE',
  'OBJECTID',
  'SAVEDATE',
  'PREVIEW',
  'UTF8=ACCEPT',
  'UNAUTHENTICATE',
];

/** Offered only to accounts that an administrator gave them to. */
export const onRequest = ['UIDONLY'] as const;

export function capabilitiesAfterLogin(
  options: ImapOptions,
  how: {
    readonly compressed: boolean;
    readonly without: ReadonlySet<string>;
    readonly with: ReadonlySet<string>;
  },
): string[] {
  const { messageMaxBytes, messageLimit, jmapUrl } = options;
  const names = [...always, literals(options), ...afterLogin];
  if (!how.compressed) names.push('COMPRESS=DEFLATE');
  if (jmapUrl !== '') names.push('JMAPACCESS');
  if (messageLimit > 0) names.push(`MESSAGELIMIT=${messageLimit}`, `SAVELIMIT=${messageLimit}`);
  names.push(...onRequest.filter((name) => how.with.has(name)), `APPENDLIMIT=${messageMaxBytes}`);
  // What everything else rests on cannot be taken away.
  return names.filter((name) => name === 'IMAP4rev1' || !how.without.has(name.toUpperCase()));
}
