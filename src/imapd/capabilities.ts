/** What the server says it can do, by the state of the session (RFC 3501, 7.2.1). */
import type { MechanismName } from '../proto/sasl/mechanism.ts';

const always = ['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE', 'IDLE'];

export function capabilitiesBeforeLogin(how: {
  readonly startTls: boolean;
  readonly mechanisms: readonly MechanismName[];
  readonly loginDisabled: boolean;
}): string {
  const names = [...always];
  if (how.startTls) names.push('STARTTLS');
  names.push(...how.mechanisms.map((name) => `AUTH=${name}`));
  if (how.loginDisabled) names.push('LOGINDISABLED');
  return names.join(' ');
}

const afterLogin = [
  'IMAP4rev1',
  'LITERAL+',
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
  'STATUS=SIZE',
  'CONDSTORE',
  'QRESYNC',
  'ESEARCH',
  'SEARCHRES',
  'WITHIN',
  'BINARY',
  'MULTIAPPEND',
  'QUOTA',
  'QUOTA=RES-STORAGE',
  'OBJECTID',
  'SAVEDATE',
  'PREVIEW',
  'UTF8=ACCEPT',
];

export function capabilitiesAfterLogin(messageMaxBytes: number): string {
  return `${afterLogin.join(' ')} APPENDLIMIT=${messageMaxBytes}`;
}
