/** CAPABILITY, ID, ENABLE, NAMESPACE, LOGOUT, STARTTLS. */
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import type { Session } from '../session.ts';
import { capabilityText } from './login.ts';
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

/** One namespace, without a prefix: prefixes confuse mailers. */
export async function namespace(session: Session): Promise<Outcome> {
  session.untagged('NAMESPACE (("" "/")) NIL NIL');
  return undefined;
}

export async function enable(session: LoggedIn, names: readonly string[]): Promise<Outcome> {
  const enabled: string[] = [];
  for (const name of new Set(names)) {
    if (name === 'CONDSTORE') enableCondstore(session);
    else if (name === 'QRESYNC') {
      enableCondstore(session);
      session.qresync = true;
    } else if (name === 'UTF8=ACCEPT') session.utf8 = true;
    else continue;
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
