/** What crosses the admin API about the DNS records of a domain. */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { oneOf } from './contract.ts';

const recordText = { name: Type.String(), type: Type.String(), data: Type.String() };
export const dnsAnswer = Type.Object({
  records: Type.Array(
    Type.Object({
      record: Type.Object(
        {
          ...recordText,
          purpose: oneOf([
            'address',
            'reverse',
            'mx',
            'spf',
            'heloSpf',
            'dkim',
            'dmarc',
            'mtaSts',
            'mtaStsHost',
            'tlsReports',
            'tlsa',
            'mailers',
            'autoconfig',
            'autodiscover',
            'bimi',
          ]),
          need: oneOf(['required', 'recommended', 'optional']),
        },
        { description: 'As it should be. TXT is plain text; SPF has what the domain has already.' },
      ),
      status: oneOf(
        ['ok', 'missing', 'different', 'unknown', 'unchecked'],
        '`unknown`: no name server answered.',
      ),
      found: Type.Array(Type.String(), { description: 'Of the same kind, as the name servers have it.' }),
      unexpected: Type.Array(Type.String(), { description: 'Of these, what is not to be there.' }),
      notes: Type.Array(
        oneOf([
          'severalSpf',
          'spfTooManyLookups',
          'spfUnreadable',
          'mxElsewhere',
          'serversDisagree',
          'serverSilent',
          'noForwardMatch',
          'otherKey',
          'dmarcUnreadable',
        ]),
      ),
      spfLookups: Type.Optional(
        Type.Integer({
          description: 'Questions that the SPF record costs whoever checks it; ten are allowed.',
        }),
      ),
      servers: Type.Array(
        Type.Object({
          server: Type.String(),
          records: Type.Optional(Type.Array(Type.String())),
          problem: Type.String(),
        }),
        { description: 'What each name server says, where they do not agree or not all answer.' },
      ),
    }),
  ),
  zone: Type.String({ description: 'The records as lines of a zone file.' }),
});
export type DnsAnswer = Static<typeof dnsAnswer>;
