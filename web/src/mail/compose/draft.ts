/** A mail that is being written: what it holds, and the addresses in it. What is said of it to the server is in message.ts. */
import type { BodyPart, EmailAddress, Id } from '../jmap/types.ts';
import { isBlank, type RichNode } from './rich-doc.ts';

export interface DraftFile {
  readonly blobId: Id;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** A picture that stands in the text. */
export interface DraftImage extends DraftFile {
  readonly cid: string;
}

export type Format = 'html' | 'plain';
export type Charset = 'utf-8' | 'iso-2022-jp';

/** What is answered or forwarded, as it leaves beneath what is written. */
export interface Quote {
  /** Sanitised; its pictures by `cid:`. */
  readonly html: string;
  /** With `>`, or a head of its fields. */
  readonly text: string;
  readonly images: readonly DraftImage[];
}

export interface Draft {
  /** Where it is kept on the server; absent: not yet. */
  readonly id?: Id;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly format: Format;
  readonly charset: Charset;
  /** All of a plain text; of one with forms, its words. */
  readonly text: string;
  /** With forms. */
  readonly doc?: RichNode;
  readonly quote?: Quote;
  /** HTML as it was kept, with its parts, until the composer has taken it apart. */
  readonly kept?: { readonly html: string; readonly parts: readonly BodyPart[] };
  readonly files: readonly DraftFile[];
  readonly images: readonly DraftImage[];
  readonly inReplyTo?: readonly string[];
  readonly references?: readonly string[];
  /** What it answers or forwards. */
  readonly about?: { readonly id: Id; readonly keyword: '$answered' | '$forwarded' };
  /** Whose it is: the address it is sent from, or those by which the answered mail came. */
  readonly as?: readonly string[];
  /** Nothing was written yet: format and signature are still to come. */
  readonly fresh?: true;
}

export const emptyDraft: Draft = {
  to: [],
  cc: [],
  bcc: [],
  subject: '',
  format: 'plain',
  charset: 'utf-8',
  text: '',
  files: [],
  images: [],
};

export function isEmpty({ to, cc, bcc, subject, text, doc, files, images }: Draft): boolean {
  if (to.length + cc.length + bcc.length + files.length + images.length > 0 || subject.trim() !== '')
    return false;
  return doc === undefined ? text.trim() === '' : isBlank(doc);
}

/** A copy that the server has nothing of. */
export function unkept(draft: Draft): Draft {
  const { id: _, ...rest } = draft;
  return rest;
}

/** `髙橋 <i@example.jp>`, `"Smith, J." <j@x.test>`, or an address alone; undefined: neither. */
export function parseAddress(text: string): EmailAddress | undefined {
  const [, name = '', email] = /^\s*(?:"?(.*?)"?\s*)?<\s*([^<>\s]+@[^<>\s]+)\s*>\s*$/s.exec(text) ?? [];
  const address = (email ?? text).trim().replace('＠', '@').replaceAll('．', '.');
  if (!/^[^\s@<>,;]+@[^\s@<>,;]+$/u.test(address)) return undefined;
  return { name: name.replaceAll('\\"', '"').trim() || null, email: address };
}

export const addressText = ({ name, email }: EmailAddress): string =>
  name === null || name === ''
    ? email
    : `${/[",;<>@]/.test(name) ? `"${name.replaceAll('"', '\\"')}"` : name} <${email}>`;

export const addresses = (texts: readonly string[]): readonly EmailAddress[] | null => {
  const parsed = texts.flatMap((text) => parseAddress(text) ?? []);
  return parsed.length === 0 ? null : parsed;
};

export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();
