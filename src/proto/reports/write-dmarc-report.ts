/** Writes a DMARC aggregate report in the form of RFC 9990, section 3.1 and appendix A. */
import type { DmarcReport, DmarcRow, PublishedPolicy } from './dmarc-report.ts';
import { xmlText } from './xml-elements.ts';

type Item = readonly [name: string, content: string | readonly Item[]];

export const dmarcNamespace = 'urn:ietf:params:xml:ns:dmarc-2.0';

/** In the order of the schema. What is empty is left out. */
export function writeDmarcReport(report: DmarcReport): string {
  const { orgName, email, contact, reportId, beginSeconds, endSeconds, errors, generator } = report;
  const items: Item[] = [
    ['version', '1.0'],
    [
      'report_metadata',
      [
        ['org_name', orgName],
        ['email', email],
        ['extra_contact_info', contact],
        ['report_id', reportId],
        [
          'date_range',
          [
            ['begin', String(beginSeconds)],
            ['end', String(endSeconds)],
          ],
        ],
        ...errors.map((error): Item => ['error', error]),
        ['generator', generator],
      ],
    ],
    ['policy_published', policyItems(report.policy)],
    ...report.rows.map((row): Item => ['record', rowItems(row)]),
  ];
  const lines = items.flatMap((item) => write(item, 1));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="${dmarcNamespace}">\n${lines.join('')}</feedback>\n`;
}

const policyItems = (policy: PublishedPolicy): readonly Item[] => [
  ['domain', policy.domain],
  ['p', policy.p],
  ['sp', policy.sp],
  ['np', policy.np],
  ['adkim', policy.adkim],
  ['aspf', policy.aspf],
  ['discovery_method', policy.discovery],
  ['fo', policy.fo],
  ['testing', policy.testing],
];

function rowItems(row: DmarcRow): readonly Item[] {
  const reasons = row.reasons.map(
    ({ type, comment }): Item => [
      'reason',
      [
        ['type', type],
        ['comment', comment],
      ],
    ],
  );
  return [
    [
      'row',
      [
        ['source_ip', row.sourceIp],
        ['count', String(row.count)],
        [
          'policy_evaluated',
          [['disposition', row.disposition], ['dkim', row.dkim], ['spf', row.spf], ...reasons],
        ],
      ],
    ],
    [
      'identifiers',
      [
        ['header_from', row.headerFrom],
        ['envelope_from', row.envelopeFrom],
        ['envelope_to', row.envelopeTo],
      ],
    ],
    [
      'auth_results',
      [
        ...row.dkimResults.map(
          ({ domain, selector, result, comment }): Item => [
            'dkim',
            [
              ['domain', domain],
              ['selector', selector],
              ['result', result],
              ['human_result', comment],
            ],
          ],
        ),
        ...row.spfResults.map(
          ({ domain, scope, result }): Item => [
            'spf',
            [
              ['domain', domain],
              ['scope', scope],
              ['result', result],
            ],
          ],
        ),
      ],
    ],
  ];
}

function write([name, content]: Item, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (typeof content === 'string')
    return content === '' ? [] : [`${indent}<${name}>${xmlText(content)}</${name}>\n`];
  const inner = content.flatMap((item) => write(item, depth + 1));
  return [`${indent}<${name}>\n`, ...inner, `${indent}</${name}>\n`];
}
