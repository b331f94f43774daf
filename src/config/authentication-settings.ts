/** Settings of proof: what is made of what mail from outside shows of its sender, and how ours shows it. */
import * as Type from 'typebox';
import { count, flag, item, list, oneOf, section, text } from './fields.ts';

const senderRule = item({
  domain: text('`example.jp` with all below it, or `*.example.jp` for those alone.'),
  action: oneOf('What is done with its mail; `obey`: what the domain asks for.', [
    'accept',
    'junk',
    'refuse',
    'obey',
  ]),
});

export const authentication = section(
  'Proof of who sends: what is made of SPF, DKIM, DMARC and ARC in mail from outside. Organisations and domains may have rules of their own.',
  {
    verify: flag('Check it at all.', true),
    name: text('Our name in Authentication-Results fields; empty takes `hostname`.', ''),
    dmarc: oneOf(
      'What a domain asks for by DMARC: `obey` refuses its unproved mail at `p=reject` and puts it into Junk at `p=quarantine`; `junk` never refuses for it; `ignore` only tells the result.',
      ['obey', 'junk', 'ignore'],
      'obey',
    ),
    mailingLists: oneOf(
      'Mail of a domain with `p=reject` by way of a mailing list that proves itself but has changed it: `junk`, or `refuse` like any other.',
      ['junk', 'refuse'],
      'junk',
    ),
    spfFail: oneOf(
      'Mail from a host that SPF forbids, when its domain has no DMARC and has not signed it.',
      ['accept', 'junk', 'refuse'],
      'accept',
    ),
    unclearAuthor: oneOf(
      'Mail with several From fields, or one in which no address can be read. Authors of several domains: Junk at most.',
      ['accept', 'junk', 'refuse'],
      'refuse',
    ),
    missingAuthor: oneOf('Mail without a From field.', ['accept', 'junk', 'refuse'], 'accept'),
    temporaryError: oneOf(
      'Mail that nothing proves while DNS does not answer: `accept`, or `defer`, which asks the sender to come again.',
      ['accept', 'defer'],
      'accept',
    ),
    timeoutSeconds: count('For all questions to DNS about one message.', {
      min: 1,
      max: 120,
      default: 20,
    }),
    bimi: flag(
      'Look up the logos of domains that prove their mail (BIMI), and pass on where they are.',
      true,
    ),
    trustedForwarders: list(
      'Domains that may pass on what they have received, with all below them: their ARC seals count, and what is proved to come from them is not held to the policy of its author.',
      Type.String(),
    ),
    gateways: list(
      'Networks of servers that stand before this one: another MX of yours, a filter service. Who brought the mail to them is read from their Received fields and is whom SPF and lists are asked about; their mail goes into Junk rather than being refused.',
      Type.String(),
    ),
    senders: list('Rules for domains of authors, whatever these ask for. The first that fits.', senderRule),
  },
);

export const signing = section(
  'Signatures (DKIM) of what our users and this server send. Each domain has an RSA and an Ed25519 key; the records that they need are told by `hikyaku dkim list` and `hikyaku dns`.',
  {
    sign: flag('Sign at all.', true),
    masterKey: text(
      'Any secret text, or `env:NAME`: private keys are encrypted with it in the store. Without it they lie there as they are, readable to whoever can read the data folder or a backup. Losing it loses the keys.',
      '',
    ),
    rotateDays: count(
      'A key of this age gets a successor, which takes over when its record is found in DNS; 0: never by itself.',
      { min: 0, max: 3650, default: 180 },
    ),
    settleHours: count('How long a record must have been in DNS before its key signs.', {
      min: 0,
      max: 720,
      default: 24,
    }),
    retireDays: count('How long the record of a key that signs no more must stay in DNS.', {
      min: 1,
      max: 365,
      default: 14,
    }),
  },
);

export const forwarding = section(
  'Mail from elsewhere that is sent on by an alias, a group, a forward or a filter. Its text and its signatures stay as they are.',
  {
    rewriteSender: flag(
      'Name the sender by an address of the domain that sends it on (SRS), so that SPF holds. Bounces come back here and go to the sender.',
      true,
    ),
    seal: flag(
      'Seal what was found of it when it came (ARC), once the record of the RSA key has been seen in DNS.',
      true,
    ),
  },
);
