/** Refusals as RFC 9457 problem details. The table is complete by its type; what is not a Refusal is a 500 that says nothing of itself. */
import { Refusal, type Reason } from '../base/refusal.ts';
import { problemText } from '../proto/sieve/problem.ts';
import { ScriptRefusal } from '../sieve/script.ts';
import type { Problem } from './admin-api/contract.ts';

type Row = readonly [status: number, title: string];

const table = {
  mailboxUnknown: [404, 'No such mailbox'],
  mailboxDisabled: [409, 'The account is disabled'],
  mailboxFull: [507, 'The mailbox is full'],
  mailboxNotFound: [404, 'No such mailbox'],
  mailboxExists: [409, 'The mailbox exists'],
  mailboxNameInvalid: [422, 'Not a name for a mailbox'],
  domainUnknown: [404, 'No such domain'],
  addressInvalid: [422, 'Not an address'],
  senderNotAllowed: [403, 'Not allowed to send as this address'],
  relayDenied: [403, 'Not allowed to send there'],
  messageTooLarge: [413, 'The message is too large'],
  messageMalformed: [422, 'The message is malformed'],
  tooManyRecipients: [422, 'Too many recipients'],
  mailLoop: [422, 'The message goes in circles'],
  authenticationFailed: [401, 'Wrong credentials'],
  authenticationRequired: [401, 'Credentials are needed'],
  encryptionRequired: [403, 'Credentials may not be sent without TLS'],
  accountLocked: [429, 'Too many failed logins, try again later'],
  rateLimited: [429, 'Too many requests, try again later'],
  sendingLimit: [429, 'More mail than may be sent in a day is waiting already'],
  suppressed: [422, 'This address is on the suppression list'],
  sendingPaused: [403, 'Sending with this login is paused'],
  notAllowed: [403, 'Not allowed'],
  notFound: [404, 'Not found'],
  conflict: [409, 'Conflicts with what is there'],
  keyUsed: [409, 'The idempotency key was used for another request'],
  invalid: [422, 'The input is not valid'],
  limitReached: [409, 'A limit is reached'],
  storageBusy: [503, 'The store is busy, try again later'],
  storageFull: [507, 'The store is full'],
  shuttingDown: [503, 'The server is stopping'],
} as const satisfies Record<Reason, Row>;

/** Reasons whose detail is told: the caller is of the organisation and needs it to mend the request. */
const told: ReadonlySet<Reason> = new Set([
  'addressInvalid',
  'conflict',
  'invalid',
  'limitReached',
  'notAllowed',
  'notFound',
  'encryptionRequired',
]);

const prefix = 'urn:hikyaku:problem:';

/** What a program is told besides: it is of the organisation whose mail it is. */
const toldToPrograms: ReadonlySet<Reason> = new Set([
  ...told,
  'keyUsed',
  'suppressed',
  'senderNotAllowed',
  'tooManyRecipients',
  'messageMalformed',
  'mailboxUnknown',
  'mailboxDisabled',
  'domainUnknown',
]);

/** `program`: whoever calls sends mail of their own, and hears what is wrong with it. */
export function problemOf(thrown: unknown, { caller }: { caller?: 'program' } = {}): Problem {
  if (thrown instanceof ScriptRefusal) return scriptProblem(thrown);
  if (thrown instanceof Refusal) return refusalProblem(thrown, caller === undefined ? told : toldToPrograms);
  if (thrown instanceof Error && 'validation' in thrown) return validationProblem(thrown as InvalidRequest);
  const status = thrown instanceof Error ? (thrown as { statusCode?: unknown }).statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return {
      type: `${prefix}request`,
      title: 'The request cannot be read',
      status,
      detail: (thrown as Error).message,
    };
  }
  return { type: `${prefix}internal`, title: 'Something went wrong here', status: 500 };
}

function refusalProblem(refusal: Refusal, told: ReadonlySet<Reason>): Problem {
  const { reason, at } = refusal;
  const [status, title] = table[reason];
  // The message is "reason: detail"; what is told is the detail.
  const detail = refusal.message.slice(reason.length + 2);
  return {
    type: prefix + reason,
    title,
    status: at === 'version' ? 412 : status,
    ...(told.has(reason) ? { detail } : {}),
    ...(told.has(reason) && at !== undefined ? { errors: [{ at, detail }] } : {}),
  };
}

function scriptProblem({ problems }: ScriptRefusal): Problem {
  const [status, title] = table.invalid;
  const errors = problems.slice(0, faultsMax).map((problem) => ({
    at: `${problem.at.line}:${problem.at.column}`,
    detail: problemText(problem, 'en'),
  }));
  const detail = errors.map((each) => `line ${each.at} ${each.detail}`).join('; ');
  return { type: `${prefix}invalid`, title, status, detail, errors };
}

interface InvalidRequest extends Error {
  readonly validation: readonly Fault[];
  readonly validationContext?: string;
}

interface Fault {
  readonly keyword?: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Faults told of one request: a hostile body may have thousands. */
const faultsMax = 20;

function validationProblem({ validation }: InvalidRequest): Problem {
  const errors = validation.slice(0, faultsMax).flatMap(faultsOf);
  const [status, title] = table.invalid;
  const detail = errors
    .map((each) => (each.at === '' ? each.detail : `${each.at} ${each.detail}`))
    .join('; ');
  return { type: `${prefix}invalid`, title, status, detail, errors };
}

function faultsOf(fault: Fault): { at: string; detail: string }[] {
  const { keyword, instancePath, message = 'is not valid', params = {} } = fault;
  // What an unknown field's own schema (false) says is said by `additionalProperties` already.
  if (keyword === 'boolean') return [];
  const base = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const missing = params['requiredProperties'];
  if (Array.isArray(missing))
    return missing.map((name) => ({ at: [...base, String(name)].join('.'), detail: 'is missing' }));
  const extra = params['additionalProperties'];
  if (Array.isArray(extra))
    return extra.map((name) => ({ at: [...base, String(name)].join('.'), detail: 'is not known' }));
  const allowed = params['allowedValues'];
  if (Array.isArray(allowed))
    return [{ at: base.join('.'), detail: `must be one of ${allowed.map(String).join(', ')}` }];
  return [{ at: base.join('.'), detail: message }];
}
