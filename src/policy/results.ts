/** The findings as header fields: Authentication-Results (RFC 8601), and where the logo of the domain is. */
import { authenticationResultsField, type MethodResult } from '../proto/authres/format.ts';
import type { Authentication, SpfFinding } from './authentication.ts';
import type { Decision } from './opinion.ts';

export function resultFields(authservId: string, found: Authentication, decision: Decision): string {
  const { spf, heloSpf, dkim } = found;
  const results: MethodResult[] = [
    ...(heloSpf === undefined ? [] : [spfResult(heloSpf)]),
    spfResult(spf, found.sender),
    ...(dkim.length === 0 ? [{ method: 'dkim', result: 'none' }] : dkim.map(dkimResult)),
    dmarcResult(found, decision),
    arcResult(found),
    ...bimiResult(found),
  ];
  return authenticationResultsField(authservId, results) + bimiLocation(found);
}

function spfResult({ identity, domain, result, why }: SpfFinding, sender = ''): MethodResult {
  const name = identity === 'helo' ? 'smtp.helo' : 'smtp.mailfrom';
  const reason = result === 'pass' ? undefined : why;
  return {
    method: 'spf',
    result,
    reason,
    properties: [[name, (identity === 'mailfrom' && sender) || domain]],
  };
}

function dkimResult({
  result,
  why,
  domain,
  selector,
  identity,
  start,
  algorithm,
  testing,
  keyBits,
}: Authentication['dkim'][number]): MethodResult {
  const comment = [keyBits > 0 ? `${keyBits}-bit key` : '', testing ? 'test mode' : ''].filter(
    (text) => text !== '',
  );
  const named: (readonly [string, string])[] = [
    ['header.d', domain],
    ['header.i', identity],
    ['header.s', selector],
    ['header.a', algorithm ?? ''],
    ['header.b', start],
  ];
  return {
    method: 'dkim',
    result,
    reason: why,
    comment: comment.join(', '),
    properties: named.filter(([, value]) => value !== ''),
  };
}

function dmarcResult({ author, dmarc }: Authentication, { action, override }: Decision): MethodResult {
  if (dmarc === undefined)
    return {
      method: 'dmarc',
      result: author.is === 'severalDomains' ? 'none' : 'permerror',
      reason: whyNoAuthor[author.is],
    };
  const { result, record, policy, applied } = dmarc;
  const comment = [
    ...(policy === undefined ? [] : [`p=${policy}`]),
    ...(record?.testing === true ? ['t=y'] : []),
    ...(result === 'fail' ? [`dis=${dispositions[action]}`] : []),
    ...(override === undefined ? [] : [override.comment]),
  ].join(' ');
  return {
    method: 'dmarc',
    result,
    comment,
    properties: [
      ['header.from', dmarc.author],
      ...(applied === undefined ? [] : [['policy.dmarc', applied] as const]),
    ],
  };
}

const whyNoAuthor: Readonly<Record<string, string>> = {
  nobody: 'no From field',
  unreadable: 'no address in From',
  severalFields: 'several From fields',
  severalDomains: 'authors of several domains',
};

export const dispositions: Readonly<Record<Decision['action'], 'none' | 'quarantine' | 'reject'>> = {
  accept: 'none',
  junk: 'quarantine',
  refuse: 'reject',
  defer: 'none',
};

function arcResult({ arc, ip }: Authentication): MethodResult {
  const { result, why, instances } = arc;
  return {
    method: 'arc',
    result,
    reason: why,
    comment: instances === 0 ? '' : `i=${instances}`,
    properties: result === 'pass' ? [['smtp.remote-ip', ip]] : [],
  };
}

function bimiResult({ bimi }: Authentication): MethodResult[] {
  if (bimi === undefined) return [];
  const { result, domain, selector } = bimi;
  return [
    {
      method: 'bimi',
      result,
      properties: [
        ['header.d', domain],
        ['header.selector', selector],
      ],
    },
  ];
}

/** For the reader's mailer, which fetches it: what came with the message under this name was taken out. */
function bimiLocation({ bimi }: Authentication): string {
  if (bimi?.result !== 'pass') return '';
  const { location, authority } = bimi.record;
  return `BIMI-Location: v=BIMI1;\r\n\tl=${location};\r\n\ta=${authority}\r\n`;
}
