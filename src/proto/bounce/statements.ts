/** What systems that report say in words of their own, around what a server said: it decides, whatever stands in the reply. */
import type { FailureReason } from './reasons.ts';

interface Statement {
  readonly name: string;
  readonly says: RegExp;
  readonly reason: FailureReason;
}

const statements: readonly Statement[] = [
  {
    name: 'KDDI: account closed',
    says: /the user\(s\) account is (?:disabled|temporarily limited)/i,
    reason: 'mailboxDisabled',
  },
  {
    name: 'Google Groups: may not post',
    says: /groups\.google\.com\/support|permission to post messages to the group/i,
    reason: 'senderRefused',
  },
  {
    name: 'InterScan: cannot deliver',
    says: /unable to deliver message to <[^>]+> \(and other recipients/i,
    reason: 'noSuchUser',
  },
];

export function statementIn(text: string): Statement | undefined {
  return statements.find(({ says }) => says.test(text));
}
