/**
 * What a URL of CATENATE stands for (RFC 4469; RFC 5092): a message or a section of one, in a mailbox that the client may read. Only URLs of this server are
 * followed, and no URLAUTH is known.
 */
import { parseFetchItem } from '../../proto/imap/parse-fetch.ts';
import type { SectionItem } from '../../proto/imap/command.ts';
import { wireString } from '../../proto/imap/response.ts';
import { canonicalName, CommandError } from '../../proto/imap/scanner.ts';
import { numberMax } from '../../proto/imap/sequence-set.ts';
import { no } from '../replies.ts';
import { sectionPieces } from './fetch-section.ts';
import { lookUp } from './place.ts';
import type { LoggedIn } from './run.ts';

export interface MessageUrl {
  readonly mailbox: string;
  readonly uidValidity: number | undefined;
  readonly uid: number;
  readonly item: SectionItem;
}

/** The bytes in pieces. Throws BADURL before the first. */
export async function* piecesOfUrl(session: LoggedIn, url: string): AsyncGenerator<Uint8Array> {
  const badUrl = () => no('The URL stands for nothing here', `BADURL ${wireString(url)}`);
  const parsed = parseMessageUrl(url, ownNames(session));
  const place = parsed && (await lookUp(session, parsed.mailbox));
  if (parsed === undefined || place?.rights.includes('r') !== true) throw badUrl();
  if (parsed.uidValidity !== undefined && parsed.uidValidity !== place.mailbox.uidValidity) throw badUrl();
  const { mailboxes } = session.server.parts;
  using messages = await mailboxes.open(place.owner, place.mailbox.id);
  const position = messages.view.positionOf(parsed.uid);
  if (position === -1) throw badUrl();
  const email = messages.view.emailAt(position);
  const body = await mailboxes.body(place.owner, email);
  const details = (await mailboxes.details(place.owner, [email])).get(email);
  if (body === undefined || details === undefined) throw badUrl();
  const pieces = await sectionPieces(session, parsed.item, { body, index: details.index });
  if (pieces === undefined) throw badUrl();
  yield* pieces;
}

function ownNames(session: LoggedIn): { host: string; user: string } {
  return { host: session.server.parts.options.hostname, user: session.principal.address };
}

/** `/mailbox[;UIDVALIDITY=n]/;UID=n[/;SECTION=s][/;PARTIAL=a.b]`, perhaps with `imap://[user@]host` before. */
export function parseMessageUrl(
  url: string,
  own: { readonly host: string; readonly user: string },
): MessageUrl | undefined {
  const path = pathOf(url, own);
  const found =
    path === undefined
      ? null
      : /^\/(.+?)(?:;UIDVALIDITY=([1-9]\d{0,9}))?\/;UID=([1-9]\d{0,9})(?:\/;SECTION=([^;]+?))?(?:\/;PARTIAL=(\d{1,15})(?:\.(\d{1,15}))?)?$/i.exec(
          path,
        );
  if (found === null) return undefined;
  const [, mailbox, uidValidity, uid, section = '', offset, length] = found;
  const name = decoded(mailbox!);
  const item = itemOf(decoded(section), offset, length);
  if (name === undefined || item === undefined || Number(uid) > numberMax) return undefined;
  return {
    mailbox: canonicalName(name),
    uidValidity: uidValidity === undefined ? undefined : Number(uidValidity),
    uid: Number(uid),
    item,
  };
}

function pathOf(url: string, own: { readonly host: string; readonly user: string }): string | undefined {
  if (url.startsWith('/')) return url;
  const found = /^imap:\/\/(?:([^@/]*)@)?([^/:]+)(?::\d+)?(\/.*)$/i.exec(url);
  if (found === null) return undefined;
  const user = found[1]?.replace(/;AUTH=.*$/i, '');
  if (user !== undefined && user !== '' && decoded(user)?.toLowerCase() !== own.user) return undefined;
  return found[2]!.toLowerCase() === own.host.toLowerCase() ? found[3] : undefined;
}

function itemOf(
  section: string | undefined,
  offset: string | undefined,
  length: string | undefined,
): SectionItem | undefined {
  if (section === undefined) return undefined;
  const partial = offset === undefined ? '' : `<${offset}.${length ?? Number.MAX_SAFE_INTEGER}>`;
  try {
    const item = parseFetchItem(`BODY.PEEK[${section}]${partial}`);
    return item.is === 'section' ? item : undefined;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Percent signs undone; undefined when they are not UTF-8, or hide a control character. */
function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return /[\x00-\x1f\x7f]/.test(plain) ? undefined : plain;
  } catch {
    return undefined;
  }
}
