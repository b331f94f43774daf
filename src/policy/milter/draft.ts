/**
 * A message as milters see it and change it: its fields in order, and a body that is read as often as it is asked for.
 *
 * Fields that we put on top ourselves are not shown, so that no filter counts, changes or removes them; only where a field is put in front of them
 * (place 0) do they matter. Places of fields are those of the Postfix and Sendmail of today: a change counts the fields of that name among those that were
 * shown, an insertion counts all of them with our own Received field as the first.
 */
import { MilterError } from '../../proto/milter/packet.ts';
import type { MilterChange } from '../../proto/milter/answer.ts';
import { parseHeaders } from '../../proto/mime/headers.ts';

export interface DraftField {
  /** As it is written. */
  readonly name: string;
  /** Behind the colon, without the line end of the last line. */
  readonly value: Buffer;
}

export type BodySource = () => AsyncIterable<Uint8Array>;

type HeaderChange = Extract<MilterChange, { is: 'addHeader' | 'insertHeader' | 'changeHeader' }>;

/** Changes of one message, and octets of fields that they add. */
const changesMax = 10_000;
const addedMaxBytes = 1024 * 1024;

const ownReceived = Symbol('our own Received field');
type Place = DraftField | typeof ownReceived;

export class Draft {
  /** Fields in order; in place of our own Received field stands a mark. */
  #fields: Place[];
  #changes = 0;
  #addedBytes = 0;
  /** From behind the blank line on. */
  body: BodySource;

  constructor(header: Buffer, body: BodySource) {
    this.#fields = [ownReceived, ...fieldsOf(header)];
    this.body = body;
  }

  get fields(): readonly DraftField[] {
    return this.#fields.filter((field) => field !== ownReceived);
  }

  /** What goes in front of our own Received field, and what comes behind it: whole lines. */
  header(): { readonly top: Buffer; readonly header: Buffer } {
    const at = this.#fields.indexOf(ownReceived);
    const text = (fields: readonly Place[]): Buffer =>
      Buffer.concat(fields.flatMap((field) => (field === ownReceived ? [] : [line(field)])));
    return { top: text(this.#fields.slice(0, at)), header: text(this.#fields.slice(at + 1)) };
  }

  /** All of them or, where they go beyond all bounds, none. */
  change(changes: readonly HeaderChange[]): void {
    this.#changes += changes.length;
    for (const { name, value } of changes) this.#addedBytes += name.length + value.length;
    if (this.#changes > changesMax || this.#addedBytes > addedMaxBytes)
      throw new MilterError('changes the header without end');
    for (const change of changes) this.#make(change);
  }

  #make(change: HeaderChange): void {
    const field = { name: change.name, value: Buffer.from(change.value, 'latin1') };
    if (change.is === 'addHeader') this.#fields.push(field);
    else if (change.is === 'insertHeader')
      this.#fields.splice(Math.min(change.index, this.#fields.length), 0, field);
    else this.#replace(change.index, field);
  }

  #replace(index: number, field: DraftField): void {
    const name = field.name.toLowerCase();
    let left = Math.max(1, index);
    const at = this.#fields.findIndex(
      (one) => one !== ownReceived && one.name.toLowerCase() === name && --left === 0,
    );
    if (field.value.length === 0) {
      if (at !== -1) this.#fields.splice(at, 1);
    } else if (at === -1) this.#fields.push(field);
    else this.#fields[at] = field;
  }
}

export const isOfHeader = (change: MilterChange): change is HeaderChange =>
  change.is === 'addHeader' || change.is === 'insertHeader' || change.is === 'changeHeader';

function fieldsOf(header: Buffer): DraftField[] {
  return parseHeaders(header).fields.map(({ start, valueStart, end }) => {
    const line = header.subarray(valueStart, end);
    const bare = line.at(-1) === 0x0a ? line.subarray(0, line.at(-2) === 0x0d ? -2 : -1) : line;
    return { name: header.toString('latin1', start, valueStart - 1).trimEnd(), value: bare };
  });
}

const line = ({ name, value }: DraftField): Buffer =>
  Buffer.concat([Buffer.from(`${name}:`, 'latin1'), value, Buffer.from('\r\n')]);
