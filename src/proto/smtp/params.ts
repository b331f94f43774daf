/**
 * Parameters of MAIL and RCPT, each read by one function: value in, fields out, undefined when the value is wrong.
 *
 * SIZE RFC 1870, BODY RFC 6152 and RFC 3030, SMTPUTF8 RFC 6531, RET ENVID NOTIFY ORCPT RFC 3461 (and RFC 6533), AUTH RFC 4954,
 * HOLDFOR HOLDUNTIL RFC 4865, BY RFC 2852, MT-PRIORITY RFC 6710, REQUIRETLS RFC 8689.
 */
import { isAsciiText, parseMailbox, type Mailbox } from './path.ts';
import { decodeUtf8Xtext, decodeXtext } from './xtext.ts';

export type BodyKind = '7bit' | '8bitmime' | 'binarymime';
export type NotifyWord = 'success' | 'failure' | 'delay' | 'never';

/** A field is there only if the parameter was. */
export interface MailParams {
  readonly sizeBytes?: number;
  readonly body?: BodyKind;
  readonly smtpUtf8?: true;
  readonly requireTls?: true;
  readonly ret?: 'full' | 'hdrs';
  /** Decoded from xtext. */
  readonly envid?: string;
  /** AUTH=: who the client says sent it first; null for `<>` (not known). */
  readonly submitter?: Mailbox | null;
  readonly holdForSeconds?: number;
  readonly holdUntilMs?: number;
  readonly deliverBy?: DeliverBy;
  readonly priority?: number;
}

export interface DeliverBy {
  /** From now; never positive infinity, and below 1 only with `notify` (RFC 2852, 4). */
  readonly seconds: number;
  readonly mode: 'return' | 'notify';
  /** `T`: each relay shall tell. */
  readonly trace: boolean;
}

export interface RcptParams {
  /** RFC 3461, 4.1: `never` alone, or some of the others. */
  readonly notify?: readonly NotifyWord[];
  /** `rfc822;user@example.com`, with the address decoded. */
  readonly orcpt?: string;
}

type Readers<P> = Readonly<Record<string, (value: string | undefined) => P | undefined>>;

/** RFC 3461, 4.4. */
const envidCharsMax = 100;
/** RFC 3461, 4.2. */
const orcptCharsMax = 500;

const bodies: Readonly<Record<string, BodyKind>> = {
  '7BIT': '7bit',
  '8BITMIME': '8bitmime',
  BINARYMIME: 'binarymime',
};

export const mailParams: Readers<MailParams> = {
  SIZE: (value) =>
    value !== undefined && /^\d{1,20}$/.test(value) ? { sizeBytes: Number(value) } : undefined,
  BODY(value) {
    const body = bodies[value?.toUpperCase() ?? ''];
    return body && { body };
  },
  SMTPUTF8: (value) => (value === undefined ? { smtpUtf8: true } : undefined),
  REQUIRETLS: (value) => (value === undefined ? { requireTls: true } : undefined),
  RET(value) {
    const ret = value?.toLowerCase();
    return ret === 'full' || ret === 'hdrs' ? { ret } : undefined;
  },
  ENVID(value) {
    const envid = value === undefined || value.length > envidCharsMax ? undefined : decodeXtext(value);
    return isVisible(envid) ? { envid } : undefined;
  },
  AUTH(value) {
    const text = value === undefined ? undefined : decodeXtext(value);
    if (text === '<>') return { submitter: null };
    const submitter = text === undefined ? undefined : parseMailbox(text);
    return submitter && { submitter };
  },
  HOLDFOR: (value) => (/^[1-9]\d{0,8}$/.test(value ?? '') ? { holdForSeconds: Number(value) } : undefined),
  HOLDUNTIL(value) {
    const holdUntilMs = value === undefined ? undefined : readTime(value);
    return holdUntilMs === undefined ? undefined : { holdUntilMs };
  },
  BY(value) {
    const deliverBy = value === undefined ? undefined : readDeliverBy(value);
    return deliverBy && { deliverBy };
  },
  'MT-PRIORITY': (value) => (/^-?[0-9]$/.test(value ?? '') ? { priority: Number(value) } : undefined),
};

export const rcptParams: Readers<RcptParams> = {
  NOTIFY(value) {
    const words = value?.toLowerCase().split(',') ?? [];
    const known = words.every((word) => notifyWords.has(word));
    if (words.length === 0 || !known || new Set(words).size !== words.length) return undefined;
    if (words.includes('never') && words.length > 1) return undefined;
    return { notify: words as NotifyWord[] };
  },
  ORCPT(value) {
    const orcpt = value === undefined || value.length > orcptCharsMax ? undefined : readOrcpt(value);
    return orcpt === undefined ? undefined : { orcpt };
  },
};

const notifyWords: ReadonlySet<string> = new Set(['success', 'failure', 'delay', 'never']);

/** `addr-type;xtext`; for `utf-8` the forms of RFC 6533. */
function readOrcpt(value: string): string | undefined {
  const semicolon = value.indexOf(';');
  const type = value.slice(0, semicolon).toLowerCase();
  if (semicolon === -1 || !/^[a-z0-9][a-z0-9-]*$/.test(type)) return undefined;
  const wire = value.slice(semicolon + 1);
  const address = type === 'utf-8' ? decodeUtf8Xtext(wire) : decodeXtext(wire);
  if (!isVisible(address) || address === '' || (type !== 'utf-8' && !isAsciiText(address))) return undefined;
  return `${type};${address}`;
}

/** Decoded text goes into notices and logs: no control characters (RFC 3461, 4: printable, space and HT). */
function isVisible(text: string | undefined): text is string {
  return text !== undefined && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text);
}

/** RFC 2852, 4: up to nine digits with a sign, `;`, R or N, perhaps T. */
function readDeliverBy(value: string): DeliverBy | undefined {
  const [, digits, mode, trace] = /^([+-]?\d{1,9});([RN])(T?)$/i.exec(value) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Number(digits);
  const returns = mode!.toUpperCase() === 'R';
  if (returns && seconds <= 0) return undefined;
  return { seconds, mode: returns ? 'return' : 'notify', trace: trace !== '' };
}

/** RFC 3339 date and time with zone, as RFC 4865, 4 wants. */
function readTime(value: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i.test(value)) return undefined;
  try {
    return Temporal.Instant.from(value.toUpperCase()).epochMilliseconds;
  } catch {
    return undefined;
  }
}
