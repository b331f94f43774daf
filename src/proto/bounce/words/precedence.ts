/**
 * Which reason wins where two are said with the same weight: texts name a general one beside the special one (`rejected for policy reasons: listed at …`), and courtesies
 * name what was not the matter (`to protect our users from spam`).
 */
import type { FailureReason } from '../reasons.ts';

const order: readonly (FailureReason | readonly FailureReason[])[] = [
  'suppressedElsewhere',
  'greylisted',
  'filtered',
  'tooLargeForRecipient',
  'mailboxFull',
  'notCompliant',
  'takesNoMail',
  'noReverseName',
  'unauthenticated',
  'badReputation',
  'tooManyConnections',
  'tooFast',
  'tooLarge',
  'noRelay',
  'addressBlocked',
  'senderRefused',
  'mailboxDisabled',
  'moved',
  // What is named first.
  ['spam', 'virus'],
  'noSuchDomain',
  'noSuchUser',
  'network',
  'policy',
  'tlsFailed',
  'security',
  'content',
  'expired',
  'systemFull',
  'mailerError',
  'system',
  'protocol',
  'unclear',
];
const places = new Map(order.flatMap((one, place) => [one].flat().map((reason) => [reason, place])));

export const precedenceOf = (reason: FailureReason): number => places.get(reason) ?? order.length;
