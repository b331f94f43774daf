/**
 * Attachments: what they are by content and name, what is in archives, and what each organisation wants done about it. One finding for each kind of trouble, with
 * the files it is about.
 */
import type { Check, CheckedMail, Finding, Found, RunningCheck } from './check.ts';
import type { AttachmentRules, AttachmentTreatment } from './attachment-rules.ts';
import { Inspection, type AttachmentFact, type AttachmentKind } from './attachment/inspect.ts';
import { KeptFile, type Room } from './attachment/kept-file.ts';

export interface AttachmentOptions {
  /** Octets of one mail's attachments that are kept to be looked into, and those that come of unpacking. */
  readonly keptMaxBytes: number;
  readonly unpackedMaxBytes: number;
  readonly timeoutMs: number;
  /** Of an organisation; `''`: of the server. */
  readonly rulesOf: (org: string) => Promise<AttachmentRules>;
}

const attachmentsMax = 200;
const unpackedFilesMax = 5000;
const shownFiles = 3;

/** How much each speaks against a mail, whatever else is done. */
const weights: Readonly<Record<AttachmentKind, number>> = {
  program: 5,
  disguised: 5,
  encrypted: 1,
  macro: 2,
  bomb: 6,
  unread: 0.5,
};

export function attachmentCheck(options: AttachmentOptions): Check {
  return {
    name: 'attachment',
    stage: 'content',
    timeoutMs: options.timeoutMs,
    onFailure: 'mark',
    rules: Object.fromEntries(
      Object.entries(weights).map(([kind, weight]) => [`attachment.${kind}`, weight]),
    ),
    begin: (mail) => watch(mail, options),
  };
}

function watch(mail: CheckedMail, options: AttachmentOptions): RunningCheck {
  const room: Room = { bytes: options.keptMaxBytes };
  const files: KeptFile[] = [];
  let isMore = false;
  return {
    part: ({ fileName, disposition, type, subtype }) => {
      const named = fileName !== '' || disposition === 'attachment';
      const isText = type === 'text' && (subtype === 'plain' || subtype === 'html');
      if (!named && (isText || type === 'image')) return undefined;
      if (files.length === attachmentsMax) {
        isMore = true;
        return undefined;
      }
      const file = new KeptFile(fileName || 'attachment', room);
      files.push(file);
      return file;
    },
    finish: ({ content: { cut = false } }) =>
      files.length === 0 && !cut ? { findings: [] } : judged(mail, { files, isMore: isMore || cut }, options),
    abort: () => void files.splice(0),
  };
}

async function judged(
  mail: CheckedMail,
  { files, isMore }: { readonly files: readonly KeptFile[]; readonly isMore: boolean },
  options: AttachmentOptions,
): Promise<Found> {
  const { unpackedMaxBytes, rulesOf } = options;
  const inspection = new Inspection({ bytes: unpackedMaxBytes, files: unpackedFilesMax });
  for (const file of files) await inspection.attachment(file);
  if (isMore) inspection.tooMany();
  const { facts } = inspection;
  if (facts.length === 0) return { findings: [] };
  const orgs =
    mail.direction === 'out' ? [mail.login?.org ?? ''] : [...new Set(mail.to.map(({ org }) => org))];
  const kinds = [...new Set(facts.map(({ kind }) => kind))];
  const findings: Finding[] = [];
  const warned = new Set<AttachmentKind>();
  for (const org of orgs) {
    const rules = await rulesOf(org);
    for (const kind of kinds) {
      // Who sends hears of it at once: what one of ours believes to be sent must not lie here.
      const treatment = mail.direction === 'out' && rules[kind] === 'hold' ? 'refuse' : rules[kind];
      findings.push({ ...finding(kind, facts, treatment), org });
      if (rules[kind] !== 'accept') warned.add(kind);
    }
  }
  // Whoever gets mail of our own has engines of its own.
  if (mail.direction === 'out') return { findings };
  return { findings, fields: warnings(facts.filter(({ kind }) => warned.has(kind))) };
}

function finding(
  kind: AttachmentKind,
  facts: readonly AttachmentFact[],
  treatment: AttachmentTreatment,
): Finding {
  const own = facts.filter((fact) => fact.kind === kind);
  const told = own.slice(0, shownFiles).map(({ file, why }) => `${file}: ${why}`);
  const more = own.length > shownFiles ? ` (${own.length} files)` : '';
  const action = actions[treatment];
  return {
    rule: `attachment.${kind}`,
    weight: treatment === 'accept' ? 0 : weights[kind],
    detail: told.join('; ') + more,
    ...(action && { action }),
    ...(action === 'refuse' && { reply: replies[kind] }),
  };
}

const actions = {
  accept: undefined,
  warn: undefined,
  junk: 'junk',
  hold: 'quarantine',
  refuse: 'refuse',
} as const satisfies Readonly<Record<AttachmentTreatment, Finding['action']>>;

/** Names of strangers are not in what a server says to strangers. */
const replies: Readonly<Record<AttachmentKind, string>> = {
  program: 'Attachments that run as programs are not taken here',
  disguised: 'An attachment is not what its name says',
  encrypted: 'Encrypted archives (PPAP) are not taken here: send a link, or the file as it is',
  macro: 'Documents with macros are not taken here',
  bomb: 'An attachment is made to harm who unpacks it',
  unread: 'An attachment is packed in a way that is not taken here',
};

/** For mailers and filters of the reader: `X-Attachment-Warning: encrypted`. Names are left out: they may be anything. */
function warnings(facts: readonly AttachmentFact[]): string {
  const kinds = [...new Set(facts.map(({ kind }) => kind))];
  return kinds.length === 0 ? '' : `X-Attachment-Warning: ${kinds.join(', ')}\r\n`;
}
