/** Where in a message a text stands: what a search may be limited to, and what the index keeps apart. Numbers are stored: new fields come last. */
export const fields = [
  'body',
  'subject',
  'from',
  'to',
  'cc',
  'bcc',
  /** Header lines of the message and of its parts that the others do not tell. */
  'header',
  /** Names of attachments. */
  'name',
  /** Text of attachments. */
  'attachment',
  /** How the subject and the names in address fields are read aloud, in kana. */
  'subjectReading',
  'fromReading',
  'toReading',
  'ccReading',
] as const;

export type Field = (typeof fields)[number];

export const fieldNumber: Readonly<Record<Field, number>> = Object.fromEntries(
  fields.map((field, number) => [field, number]),
) as Record<Field, number>;

/** A text of a message, folded. What is looked for must stand in one of them as a whole. */
export interface Unit {
  readonly field: Field;
  readonly text: string;
}
