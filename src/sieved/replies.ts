/** What becomes of a Refusal as a response, with its code (RFC 5804, 1.3). */
import { Refusal, type Reason } from '../base/refusal.ts';
import { response } from '../proto/managesieve/response.ts';
import { problemLine } from '../proto/sieve/problem.ts';
import { ScriptRefusal } from '../sieve/script.ts';
import { type Language, type Saying, say } from './words.ts';

type Reply = readonly [saying: Saying, code?: string];

const reasons: Partial<Record<Reason, Reply>> = {
  notFound: ['noScript', 'NONEXISTENT'],
  conflict: ['scriptExists', 'ALREADYEXISTS'],
  notAllowed: ['scriptActive', 'ACTIVE'],
  invalid: ['scriptName'],
};

const limits: Readonly<Record<string, Reply>> = {
  scripts: ['scriptsTooMany', 'QUOTA/MAXSCRIPTS'],
  size: ['scriptTooLarge', 'QUOTA/MAXSIZE'],
  total: ['scriptsTooLarge', 'QUOTA'],
};

/** Of a command on scripts. What is not in the table is a trouble of ours that may pass. */
export function refused(language: Language, thrown: unknown): string {
  if (thrown instanceof ScriptRefusal)
    return response('NO', thrown.problems.map((problem) => problemLine(problem, language)).join('\r\n'));
  const reply = thrown instanceof Refusal ? replyFor(thrown) : undefined;
  const [saying, code] = reply ?? (['tryLater', 'TRYLATER'] as const);
  return response('NO', say(language, saying), code);
}

function replyFor({ reason, at }: Refusal): Reply | undefined {
  if (at === 'empty') return ['scriptEmpty'];
  return reason === 'limitReached' ? limits[at ?? ''] : reasons[reason];
}

const logins: Partial<Record<Reason, Reply>> = {
  authenticationFailed: ['loginFailed'],
  authenticationRequired: ['loginFailed'],
  notAllowed: ['loginFailed'],
  invalid: ['loginFailed'],
  mailboxDisabled: ['loginFailed'],
  accountLocked: ['accountLocked'],
  rateLimited: ['loginTooOften', 'TRYLATER'],
  encryptionRequired: ['tlsFirst', 'ENCRYPT-NEEDED'],
  limitReached: ['inUse', 'TRYLATER'],
};

export function loginRefused(thrown: unknown): Reply {
  return (thrown instanceof Refusal && logins[thrown.reason]) || (['tryLater', 'TRYLATER'] as const);
}
