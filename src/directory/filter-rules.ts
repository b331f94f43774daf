/** What an organisation has otherwise in the filters of mail than the server's settings say (`filters`, of the same names). */

/** All that is absent is as the server has it. */
export interface FilterRules {
  /** The score from which on something is done; null: never for a score. */
  readonly mark?: number | null;
  readonly junk?: number | null;
  readonly quarantine?: number | null;
  readonly refuse?: number | null;
  readonly quarantineDays?: number;
  /** Mail of who was never seen before is put off once. */
  readonly greylisting?: boolean;
  /** Names in which nobody else may write to people of the organisation: those of its directors, of the company. */
  readonly protectedNames?: readonly string[];
  /** Domains of partners and banks, which nobody is to be mistaken for. The organisation's own always are. */
  readonly protectedDomains?: readonly string[];
  readonly rules?: readonly OwnRule[];
  /** By name of the rule, or `name.*`. They come before those of the server, not instead. */
  readonly weights?: Readonly<Record<string, number>>;
  /** What is done about attachments, by kind of trouble; absent kinds are as the server has it. */
  readonly attachments?: Readonly<Partial<Record<AttachmentKind, AttachmentTreatment>>>;
}

/** A rule of the organisation's own: all of its conditions must fit. */
export interface OwnRule {
  /** Letters, digits and `-`: it is told as `own.name`. */
  readonly name: string;
  readonly weight: number;
  readonly action?: 'mark' | 'junk' | 'quarantine' | 'refuse';
  readonly conditions: readonly RuleCondition[];
}

export const conditionSubjects = [
  'header',
  'sender',
  'recipient',
  'address',
  'helo',
  'url',
  'text',
  'fileName',
  'size',
] as const;
export const conditionTests = ['is', 'contains', 'begins', 'ends', 'matches', 'above', 'below'] as const;

export interface RuleCondition {
  readonly of: (typeof conditionSubjects)[number];
  /** Of `header`: its name. */
  readonly field?: string;
  /** Without regard to case; `matches` is a regular expression; `above` and `below` are for `size`, in octets. */
  readonly test: (typeof conditionTests)[number];
  readonly value: string;
  /** It must not fit. */
  readonly not?: boolean;
}

export type AttachmentKind = 'program' | 'disguised' | 'encrypted' | 'macro' | 'bomb' | 'unread';
export type AttachmentTreatment = 'accept' | 'warn' | 'junk' | 'hold' | 'refuse';
