/** Mails that carry reports: to DMARC's form (RFC 9990, 4; file names from RFC 7489, 7.2.1.1) and that of TLS reports (RFC 8460, 5.3). */
import { hash } from 'node:crypto';
import { compose, type DraftField } from '../proto/mime/compose.ts';
import type { Mailbox } from '../proto/smtp/path.ts';

export interface ReportMail {
  readonly kind: 'dmarc' | 'tls';
  readonly domain: string;
  /** The host that reports. */
  readonly submitter: string;
  readonly organisation: string;
  readonly reportId: string;
  readonly beginSeconds: number;
  readonly endSeconds: number;
  /** Packed by gzip. */
  readonly packed: Buffer;
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly messageId: string;
  readonly boundary: string;
  readonly nowMs: number;
}

export function reportMail(mail: ReportMail): Buffer {
  const { kind, domain, submitter, reportId, from, to, messageId, boundary, nowMs, organisation } = mail;
  const tls: DraftField[] =
    kind === 'dmarc'
      ? []
      : [
          { name: 'TLS-Report-Domain', raw: domain },
          { name: 'TLS-Report-Submitter', raw: submitter },
          // The report may be about why encryption fails: it goes without (RFC 8460, 3; RFC 8689, 3).
          { name: 'TLS-Required', raw: 'No' },
        ];
  return compose({
    headers: [
      { name: 'Date', dateMs: nowMs },
      { name: 'From', addresses: [{ name: organisation, ...from }] },
      { name: 'To', addresses: [to] },
      { name: 'Subject', text: `Report Domain: ${domain} Submitter: ${submitter} Report-ID: <${reportId}>` },
      { name: 'Message-ID', raw: messageId },
      { name: 'Auto-Submitted', raw: 'auto-generated' },
      ...tls,
    ],
    body: {
      is: 'multipart',
      subtype: kind === 'dmarc' ? 'mixed' : 'report',
      params: kind === 'dmarc' ? [] : [['report-type', 'tlsrpt']],
      boundary,
      parts: [
        { is: 'text', text: textOf(mail) },
        {
          is: 'bytes',
          type: kind === 'dmarc' ? 'application/gzip' : 'application/tlsrpt+gzip',
          bytes: mail.packed,
          filename: fileName(mail),
          wholeName: true,
        },
      ],
    },
  });
}

/** `receiver!domain!begin!end!unique.ext` */
function fileName({
  kind,
  domain,
  submitter,
  beginSeconds,
  endSeconds,
  reportId,
}: Omit<ReportMail, 'packed'>): string {
  const unique = hash('sha256', reportId).slice(0, 8);
  return `${submitter}!${domain}!${beginSeconds}!${endSeconds}!${unique}.${kind === 'dmarc' ? 'xml' : 'json'}.gz`;
}

function textOf({ kind, domain, submitter, beginSeconds, endSeconds }: ReportMail): string {
  const time = (seconds: number): string =>
    new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const what =
    kind === 'dmarc'
      ? `This is a DMARC aggregate report (RFC 9990) about mail in the name of ${domain}`
      : `This is a TLS report (RFC 8460) about encryption to the mail servers of ${domain}`;
  return `${what},\nfrom ${submitter}, for ${time(beginSeconds)} to ${time(endSeconds)} UTC. It is meant for programs.\n`;
}
