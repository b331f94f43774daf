/** `replace` (RFC 5703, 5) and `enclose` (6): another text instead of a part or of the message, or around it. */
import { compose, type DraftField, formatField } from '../../mime/compose.ts';
import { parseAddresses } from '../../mime/address.ts';
import { encodeQuotedPrintable } from '../../mime/encode-transfer.ts';
import { fieldValue, Letter, type LetterField } from '../letter.ts';
import { octetsOf, shown } from '../text.ts';
import { type CommandDefinition, step } from './definition.ts';
import { addressIn, checkAddress } from './placing.ts';
import type { Run } from './run.ts';
import type { Text } from './text.ts';

export const replace: CommandDefinition = {
  name: 'replace',
  needs: 'replace',
  tags: [{ name: 'mime' }, { name: 'subject', value: 'string' }, { name: 'from', value: 'string' }],
  args: ['string'],
  compile(call, scope) {
    const text = call.text(0);
    const [subject, from] = [call.tagText('subject'), call.tagText('from')];
    const mime = call.has('mime');
    for (const tag of ['subject', 'from']) {
      if (mime && call.has(tag)) scope.error(call.tagAt(tag), 'tagsExclude', tag, 'mime');
    }
    if (from) checkAddress(from, scope);
    return step((run) => {
      const entity = mime ? givenEntity(text.read(run)) : textEntity(shown(text.read(run)));
      const part = run.loops.at(-1)?.part;
      const whole = part === undefined || part.headerStart === run.letter.structure().root.headerStart;
      run.letter = whole ? replacedMessage(run, entity, { subject, from }) : replacedPart(run, entity);
      const loop = run.loops.at(-1);
      if (loop) loop.left = whole ? 'message' : 'part';
      for (const each of run.loops) each.part = each.find(run.letter) ?? each.part;
    });
  },
};

/** Header fields of MIME, and the content. */
interface Entity {
  readonly header: Buffer;
  readonly content: Buffer;
}

function textEntity(text: string): Entity {
  const bytes = Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'utf8');
  return {
    header: Buffer.from(
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n',
    ),
    content: encodeQuotedPrintable(bytes),
  };
}

/** As the script gives it; without a header it is plain text. */
function givenEntity(text: string): Entity {
  const bytes = octetsOf(text.replaceAll(/\r?\n/g, '\r\n'));
  const blank = bytes.indexOf('\r\n\r\n');
  if (bytes[0] === 0x0d) return { header: Buffer.alloc(0), content: bytes.subarray(2) };
  if (blank === -1) return { header: bytes, content: Buffer.alloc(0) };
  return { header: bytes.subarray(0, blank + 2), content: bytes.subarray(blank + 4) };
}

function replacedPart(run: Run, { header, content }: Entity): Letter {
  const { part } = run.loops.at(-1)!;
  const bytes = run.letter.bytes();
  run.spend(bytes.length);
  return remade(run.letter, [
    bytes.subarray(0, part.headerStart),
    header,
    crlf,
    content,
    bytes.subarray(part.bodyEnd),
  ]);
}

const crlf = Buffer.from('\r\n');
const isMime = (name: string): boolean => name.startsWith('content-') || name === 'mime-version';

interface NewFields {
  readonly subject: Text | undefined;
  readonly from: Text | undefined;
}

/** The other fields stay; a new Subject or From leaves the old one under another name, for good. */
function replacedMessage(run: Run, { header, content }: Entity, { subject, from }: NewFields): Letter {
  const pieces: Buffer[] = [];
  const newSubject = subject?.read(run);
  const newFrom = from === undefined ? undefined : addressIn(from.read(run));
  for (const field of run.letter.fields) {
    if (isMime(field.name)) continue;
    if (field.name === 'subject' && newSubject !== undefined) pieces.push(renamed(field, 'Original-Subject'));
    else if (field.name === 'from' && newFrom !== undefined) pieces.push(renamed(field, 'Original-From'));
    else pieces.push(field.bytes);
  }
  if (newSubject !== undefined) pieces.push(textField('Subject', newSubject));
  if (newFrom !== undefined) pieces.push(addressField(from!.read(run)));
  pieces.push(Buffer.from('MIME-Version: 1.0\r\n'), header, crlf, content);
  return remade(run.letter, pieces);
}

const renamed = (field: LetterField, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${name}:`), field.bytes.subarray(field.bytes.indexOf(':') + 1)]);

const textField = (name: string, text: string): Buffer =>
  Buffer.from(formatField({ name, text: oneLine(text) }), 'latin1');

const addressField = (text: string): Buffer =>
  Buffer.from(formatField({ name: 'From', addresses: parseAddresses(oneLine(text)) }), 'latin1');

const oneLine = (text: string): string =>
  shown(text)
    .replaceAll(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();

/** Fields that could not be changed before cannot be now (RFC 5703, 5). */
function remade(before: Letter, pieces: readonly Buffer[]): Letter {
  const keptNames = new Set(before.fields.filter((field) => field.kept).map((field) => field.name));
  return Letter.made(
    Buffer.concat(pieces),
    ({ name }) => keptNames.has(name) || name === 'original-subject' || name === 'original-from',
  );
}

export const enclose: CommandDefinition = {
  name: 'enclose',
  needs: 'enclose',
  tags: [
    { name: 'subject', value: 'string' },
    { name: 'headers', value: 'strings' },
  ],
  args: ['string'],
  compile(call) {
    const text = call.text(0);
    const subject = call.tagText('subject');
    const headers = call.tagTexts('headers') ?? [];
    return step((run) => {
      if (++run.enclosures > enclosuresMax) throw run.error('tooManyEnclosures', `${enclosuresMax}`);
      const copied = new Set(headers.map((name) => name.read(run).toLowerCase()));
      if (subject) copied.delete('subject');
      run.unenclosed ??= run.letter;
      run.letter = enclosed(run, { text: text.read(run), subject: subject?.read(run), copied });
      for (const loop of run.loops) loop.left = 'message';
    });
  },
};

/** Messages within messages that one run makes. */
const enclosuresMax = 10;

interface Enclosure {
  readonly text: string;
  readonly subject: string | undefined;
  readonly copied: ReadonlySet<string>;
}

function enclosed(run: Run, { text, subject, copied }: Enclosure): Letter {
  const { letter } = run;
  const bytes = letter.bytes();
  run.spend(bytes.length);
  const fields = letter.fields.filter((field) => copied.has(field.name) && !isMime(field.name));
  const made = compose({
    headers: headerAround(run, subject, copied),
    body: {
      is: 'multipart',
      subtype: 'mixed',
      boundary: boundaryFor(bytes, run),
      parts: [
        { is: 'text', text: shown(text) },
        { is: 'verbatim', type: 'message/rfc822', bytes },
      ],
    },
  });
  // What was received stands above: the way that the message came is still its way, and a program's mail still a program's.
  const trace = letter.fields.filter((field) => traceNames.has(field.name) && !copied.has(field.name));
  return remade(letter, [...trace, ...fields].map((field) => field.bytes).concat(made));
}

const traceNames = new Set(['return-path', 'delivered-to', 'received', 'auto-submitted']);

/** Date, From and Subject, unless they are copied (RFC 5703, 6). */
function headerAround(run: Run, subject: string | undefined, copied: ReadonlySet<string>): DraftField[] {
  const { around, letter } = run;
  const old = letter.fields.find((field) => field.name === 'subject');
  const fields: DraftField[] = [];
  if (!copied.has('date'))
    fields.push({ name: 'Date', dateMs: around.nowMs, zoneMinutes: around.zoneMinutes(around.nowMs) });
  if (!copied.has('from')) fields.push({ name: 'From', addresses: parseAddresses(around.ownAddress) });
  if (!copied.has('subject'))
    fields.push({ name: 'Subject', text: oneLine(subject ?? (old ? fieldValue(old) : '')) });
  return fields;
}

/** No line of the message begins with it. */
function boundaryFor(bytes: Buffer, run: Run): string {
  for (let i = 0; ; i++) {
    const boundary = `=_enclosed_${run.enclosures}_${i}`;
    run.spend(bytes.length);
    if (!bytes.includes(boundary, 0, 'latin1')) return boundary;
  }
}
