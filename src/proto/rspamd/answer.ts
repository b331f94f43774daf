/** What rspamd answers to `/checkv2` (rspamd, "Protocol"): a JSON object. It is a stranger's word: everything is bounded, what does not fit is an error. */

export class RspamdError extends Error {
  override readonly name = 'RspamdError';
}

export type RspamdAction =
  | 'no action'
  | 'greylist'
  | 'add header'
  | 'rewrite subject'
  | 'soft reject'
  | 'quarantine'
  | 'discard'
  | 'reject';

export interface RspamdAnswer {
  readonly action: RspamdAction;
  readonly score: number;
  /** From which it would reject. */
  readonly required: number;
  /** The weightiest first. */
  readonly symbols: readonly { readonly name: string; readonly score: number }[];
  /** What the sender is to hear, or ''. Printable ASCII. */
  readonly smtpMessage: string;
}

export const rspamdAnswerMaxBytes = 1024 * 1024;
const symbolsMax = 1000;
const scoreMax = 10_000;

const actions: ReadonlySet<string> = new Set<RspamdAction>([
  'no action',
  'greylist',
  'add header',
  'rewrite subject',
  'soft reject',
  'quarantine',
  'discard',
  'reject',
]);

export function parseRspamd(text: string): RspamdAnswer {
  const answer = objectOf(parsed(text));
  if (typeof answer['error'] === 'string') throw new RspamdError(shown(answer['error']));
  const action = answer['action'];
  if (typeof action !== 'string' || !actions.has(action))
    throw new RspamdError('an answer without an action');
  const messages = objectOf(answer['messages'] ?? {});
  return {
    action: action as RspamdAction,
    score: numberOf(answer['score']),
    required: numberOf(answer['required_score']),
    symbols: symbolsOf(answer['symbols'] ?? {}),
    smtpMessage: typeof messages['smtp_message'] === 'string' ? shown(messages['smtp_message']) : '',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RspamdError('an answer that is no JSON');
  }
}

function symbolsOf(value: unknown): RspamdAnswer['symbols'] {
  return Object.entries(objectOf(value))
    .slice(0, symbolsMax)
    .map(([name, symbol]) => ({ name: symbolName(name), score: numberOf(objectOf(symbol)['score'] ?? 0) }))
    .toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RspamdError('an answer of another form');
  return value as Readonly<Record<string, unknown>>;
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > scoreMax)
    throw new RspamdError('an answer without a score');
  return value;
}

const symbolName = (name: string): string => name.replace(/[^\w.-]+/g, '_').slice(0, 100);

const shown = (text: string): string => text.replace(/[^ -~]+/g, '?').slice(0, 300);
