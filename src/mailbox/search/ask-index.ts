/** The leaves of a search as questions to the index, and its answers as verdicts. Runs on a scan thread. */
import type { AccountId } from '../../base/ids.ts';
import type { Field } from '../../search/field.ts';
import {
  type Answered,
  type Asked,
  askIndex,
  countEmails,
  emailBits,
  type EmailSet,
  hasEmail,
  joinEmails,
} from '../../search/look-up.ts';
import { SegmentGone } from '../../search/segment-gone.ts';
import { asHiragana } from '../../search/readings.ts';
import { operation } from '../../store/operation.ts';
import { maybe, type Transaction } from '../../store/transaction.ts';
import type { EmailNumber } from '../ids.ts';
import { addressFields } from './envelope-text.ts';
import type { Leaf, Verdict } from './evaluate.ts';
import { isNoise, readingField } from './message-text.ts';

const bodyFields: readonly Field[] = ['body', 'attachment'];
const textFields: readonly Field[] = [...bodyFields, 'subject', 'from', 'to', 'cc', 'bcc', 'header', 'name'];
const readingFields: readonly Field[] = ['subjectReading', 'fromReading', 'toReading', 'ccReading'];
const ownFields: ReadonlySet<string> = new Set(['subject', ...addressFields]);

export interface LeafAnswers {
  /** The index tells of emails up to this number. */
  readonly upTo: number;
  /** One for each leaf; undefined when it cannot help. */
  readonly answers: readonly (Answered | undefined)[];
}

const nothing = (leaves: readonly Leaf[]): LeafAnswers => ({ upTo: 0, answers: leaves.map(() => undefined) });

export const askLeaves = operation(
  'mailbox.askLeaves',
  function* (args: { account: AccountId; leaves: readonly Leaf[] }): Transaction<LeafAnswers> {
    const { account, leaves } = args;
    const head = yield* maybe<{ next: number }>(
      'select email_next as next from account_store where account = ?',
      account,
    );
    try {
      const asked = leaves.map(questionsOf);
      const { upTo, answers } = yield* askIndex(account, asked.flat());
      // An index of mail that this account does not have is that of another one of its name.
      if (head === undefined || upTo >= head.next) return nothing(leaves);
      let next = 0;
      return { upTo, answers: asked.map((each) => joined(answers.slice(next, (next += each.length)))) };
    } catch (error) {
      // A merge came in between; reading the mail is always right.
      if (error instanceof SegmentGone) return nothing(leaves);
      throw error;
    }
  },
);

/** Several for one leaf when it is found by any of them. */
export function questionsOf(leaf: Leaf): Asked[] {
  if (leaf.is !== 'header' && leaf.is !== 'text' && leaf.is !== 'body') return [];
  const text = leaf.contains;
  if (text === '') return [];
  const reading = leaf.fuzzy === true ? asHiragana(text) : undefined;
  if (leaf.is === 'body') return [{ text, fields: bodyFields }];
  if (leaf.is === 'text')
    return [
      // Of header lines that the envelope repeats the index has name and value apart, and the value without its quotes.
      { text, fields: textFields, crossing: /[:"]/.test(text) },
      ...(reading === undefined ? [] : [{ text: reading, fields: readingFields }]),
    ];
  const field = leaf.field.toLowerCase();
  if (isNoise(field)) return [];
  if (!ownFields.has(field)) return [{ text, fields: ['header'], loose: true }];
  const readBy = readingField(field);
  return [
    { text, fields: [field as Field] },
    ...(reading === undefined || readBy === undefined ? [] : [{ text: reading, fields: [readBy] }]),
  ];
}

function joined(answers: readonly (Answered | undefined)[]): Answered | undefined {
  const [first, second] = answers;
  if (first === undefined || (answers.length > 1 && second === undefined)) return undefined;
  if (second === undefined) return first;
  return { sure: joinEmails(first.sure, second.sure), open: joinEmails(first.open, second.open) };
}

export function verdictOfIndex(answers: LeafAnswers, index: number, email: EmailNumber): Verdict {
  const answer = answers.answers[index];
  if (answer === undefined || email > answers.upTo) return undefined;
  if (hasEmail(answer.sure, email)) return true;
  return hasEmail(answer.open, email) ? undefined : false;
}

/** Emails that the index does not rule out for a leaf; all above `upTo` are to be looked at. */
export interface Candidates {
  readonly emails: EmailSet;
  readonly upTo: number;
  readonly count: number;
}

/** A bit for each number is quickest to look at, as long as numbers are not too high for that. */
const bitsMax = 2 ** 26;

export function candidatesOf({ answers, upTo }: LeafAnswers, index: number): Candidates | undefined {
  const answer = answers[index];
  if (answer === undefined) return undefined;
  const { sure, open } = answer;
  const emails = upTo < bitsMax ? emailBits([sure, open], upTo) : joinEmails(sure, open);
  return { emails, upTo, count: countEmails(emails) };
}
