/** CAPABILITY, ID, ENABLE (RFC 5161), NAMESPACE (RFC 2342), LOGOUT, STARTTLS, COMPRESS, UNAUTHENTICATE (RFC 8437), GETJMAPACCESS (RFC 9698). */
import type { Outcome } from '../outcome.ts';
import { encodeModifiedUtf7 } from '../../proto/imap/modified-utf7.ts';
import { string } from '../../proto/imap/response.ts';
import { bad, no } from '../replies.ts';
import type { Session } from '../session.ts';
import { capabilityText, offers } from './login.ts';
import { othersPrefix } from '../../mailbox/others-name.ts';
import type { LoggedIn } from './run.ts';

export async function capability(session: Session): Promise<Outcome> {
  session.untagged(`CAPABILITY ${capabilityText(session)}`);
  return undefined;
}

export async function id(session: Session): Promise<Outcome> {
  session.untagged('ID ("name" "Hikyaku")');
  return undefined;
}

export async function logout(session: Session): Promise<Outcome> {
  session.untagged('BYE Good-bye');
  session.logOut();
  return undefined;
}

export async function starttls(session: Session): Promise<Outcome> {
  if (session.connection.tls !== null) throw bad('TLS is on already');
  if (session.principal !== undefined) throw bad('STARTTLS comes before the login');
  if (session.server.parts.tls === undefined) throw bad('TLS is not available');
  return { is: 'afterwards', text: 'Begin TLS', run: () => session.startTls() };
}

/** The account's own mailboxes have no prefix: prefixes confuse mailers. */
export async function namespace(session: Session): Promise<Outcome> {
  session.untagged(namespaceText(session));
  return undefined;
}

export function namespaceText({ language }: Session): string {
  const name = encodeModifiedUtf7('他のユーザー/');
  const translation = language === 'ja' ? ` "TRANSLATION" ("${name}")` : '';
  return `NAMESPACE (("" "/")) (("${othersPrefix}" "/"${translation})) NIL`;
}

/** COMPRESS (RFC 4978): from behind the tagged reply on. */
export async function compress(session: LoggedIn, mechanism: string): Promise<Outcome> {
  if (session.connection.compressed) throw no('Compression is on already', 'COMPRESSIONACTIVE');
  if (mechanism !== 'DEFLATE' || !offers(session, 'COMPRESS=DEFLATE')) throw no('Not on offer', 'CANNOT');
  return { is: 'afterwards', text: 'Compression begins', run: () => session.startCompression() };
}

export async function unauthenticate(session: LoggedIn): Promise<Outcome> {
  if (!offers(session, 'UNAUTHENTICATE')) throw bad('Not on offer');
  return { is: 'afterwards', text: 'Not logged in any more', run: async () => session.logOutOnly() };
}

export async function jmapAccess(session: LoggedIn): Promise<Outcome> {
  const { jmapUrl } = session.server.parts.options;
  if (jmapUrl === '') throw no('There is no JMAP here', 'CANNOT');
  session.untagged(`JMAPACCESS ${string(jmapUrl)}`);
  return undefined;
}

export async function enable(session: LoggedIn, names: readonly string[]): Promise<Outcome> {
  const enabled: string[] = [];
  for (const name of new Set(names)) {
    if (name === 'CONDSTORE' && offers(session, name)) enableCondstore(session);
    else if (name === 'QRESYNC' && offers(session, name)) {
      enableCondstore(session);
      session.qresync = true;
    } else if (!offers(session, name)) continue;
    else if (name === 'UTF8=ACCEPT') session.utf8 = true;
    else if (name === 'UIDONLY') session.uidOnly = true;
    else if (name === 'IMAP4REV2') {
      session.rev2 = true;
      session.utf8 = true;
      enabled.push('IMAP4rev2');
      continue;
    } else continue;
    enabled.push(name);
  }
  session.untagged(`ENABLED${enabled.map((name) => ` ${name}`).join('')}`);
  return undefined;
}

/** By ENABLE or by the first command that implies it; the client then needs to know where it stands (RFC 7162, 3.1). */
export function enableCondstore(session: Session): void {
  if (session.condstore) return;
  session.condstore = true;
  const { selected } = session;
  if (selected !== undefined)
    session.untagged(`OK [HIGHESTMODSEQ ${selected.messages.modseq}] CONDSTORE is on`);
}
