/** Settings of DMARC and TLS reports. */
import * as Type from 'typebox';
import { count, flag, list, section, text } from './fields.ts';

export const reports = section('DMARC and TLS reports, received and sent.', {
  organisation: text('Who sends reports, as others read it; empty is `hostname`.', ''),
  sender: text(
    'Address that reports are sent from; empty is `postmaster` at the domain of ours that `hostname` is in, or at `hostname`.',
    '',
  ),
  sendDmarc: flag('Domains that ask for it hear each day what came in their name (RFC 9990).', true),
  sendTls: flag(
    'Domains that ask for it hear each day how encryption to their servers went (RFC 8460).',
    true,
  ),
  addresses: list(
    'Addresses at which reports about our domains come, besides `dmarc-reports`, `tls-reports` and `postmaster` of each domain.',
    Type.String(),
  ),
  keptDays: count('How long reports that came are kept.', { min: 7, max: 3650, default: 400 }),
  maxMiB: count('Largest report that is sent, packed; the domain may ask for less.', {
    min: 1,
    max: 25,
    default: 10,
  }),
});
