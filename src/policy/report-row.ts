/** What was found out about a mail, as a row of the report to the domain in its From (RFC 9990, 3.1.1). Pure. */
import type { DmarcRow, PublishedPolicy } from '../proto/reports/dmarc-report.ts';
import { fieldText, findFields, type HeaderBlock } from '../proto/mime/headers.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import type { Authentication } from './authentication.ts';
import type { Decision } from './opinion.ts';

/** A domain that asks to hear of it, and what it is told. */
export interface Reportable {
  readonly policyDomain: string;
  readonly record: string;
  readonly published: PublishedPolicy;
  readonly row: Omit<DmarcRow, 'count'>;
}

/** Signatures told of one mail. */
const signaturesMax = 10;

/** Undefined: nobody asks, or nothing was found out. */
export function reportable(found: Authentication, decision: Decision): Reportable | undefined {
  const { dmarc, spf, sender } = found;
  const { record, policyDomain } = dmarc ?? {};
  if (!dmarc || !record || !policyDomain || dmarc.result === 'temperror') return undefined;
  if (!record.rua.some(({ address }) => address !== undefined)) return undefined;
  const passed = dmarc.result === 'pass';
  const signed = found.dkim.filter(({ domain }) => domain !== '').slice(0, signaturesMax);
  return {
    policyDomain,
    record: record.text,
    published: publishedBy(policyDomain, record),
    row: {
      sourceIp: found.ip,
      disposition: dispositionOf(passed, decision),
      dkim: dmarc.dkimAligned === '' ? 'fail' : 'pass',
      spf: dmarc.spfAligned === '' ? 'fail' : 'pass',
      reasons: decision.override === undefined ? [] : [decision.override],
      headerFrom: dmarc.author,
      envelopeFrom: domainToAscii(splitAddress(sender)?.domain ?? '') ?? '',
      envelopeTo: '',
      dkimResults: signed.map(({ domain, selector, result, why }) => ({
        domain,
        selector,
        result,
        comment: why,
      })),
      spfResults: [
        { domain: spf.domain, scope: spf.identity === 'helo' ? 'helo' : 'mfrom', result: spf.result },
      ],
    },
  };
}

function publishedBy(
  domain: string,
  record: NonNullable<Authentication['dmarc']>['record'] & object,
): PublishedPolicy {
  const { p, sp = '', np = '', adkim, aspf, testing, fo } = record;
  const mode = (of: string): string => (of === 'strict' ? 's' : 'r');
  return {
    domain,
    p,
    sp,
    np,
    adkim: mode(adkim),
    aspf: mode(aspf),
    pct: '',
    fo: fo.join(':'),
    testing: testing ? 'y' : 'n',
    discovery: 'treewalk',
  };
}

/** What was done because of DMARC; what other rules did is no business of the domain's. */
function dispositionOf(passed: boolean, { action, by }: Decision): string {
  if (passed) return 'pass';
  if (by !== 'dmarc') return 'none';
  return action === 'refuse' ? 'reject' : action === 'junk' ? 'quarantine' : 'none';
}

/** A report about reports would be answered by one, for ever. */
export function isReport(header: Buffer, block: HeaderBlock): boolean {
  const textOf = (name: string): string => {
    const [field] = findFields(block, name);
    return field === undefined ? '' : fieldText(header, field);
  };
  return (
    /^\s*report[ _-]?domain:/i.test(textOf('subject')) ||
    findFields(block, 'tls-report-domain').length > 0 ||
    /report-type\s*=\s*"?(?:tlsrpt|feedback-report)/i.test(textOf('content-type'))
  );
}
