/** What is done with a mail, from what was found out about it and the rules of whom it is for. Pure. */
import { fieldText, findFields, type HeaderBlock } from '../proto/mime/headers.ts';
import type { Authentication } from './authentication.ts';
import { fitsDomain, knownForwarder, vouchedByArc } from './forwarders.ts';
import type { Decision, OverrideType } from './opinion.ts';
import type { SenderRules, Treatment } from './options.ts';

export interface Case {
  readonly found: Authentication;
  readonly header: Buffer;
  readonly block: HeaderBlock;
  readonly onTemporaryError: 'accept' | 'defer';
}

/** Of a domain, and what closes it (RFC 1035, 2.3.4). */
const nameMaxChars = 256;

export function decide(given: Case, rules: SenderRules): Decision {
  const { found } = given;
  const { author } = found;
  if (author.is !== 'author') return unclear(found, rules);
  const { domain } = author;
  const rule = rules.senders.find((one) => fitsDomain(domain, one.domain))?.action ?? 'obey';
  const asked = byDmarc(given, rules);
  if (rule === 'obey') return asked;
  if (rule !== 'accept') return { action: rule, by: 'senderRule', domain };
  const spared = asked.action !== 'accept' && asked.by === 'dmarc';
  const override = { type: 'local_policy', comment: 'a rule for this author' } as const;
  return { action: 'accept', by: 'senderRule', domain, ...(spared && { override }) };
}

function unclear(found: Authentication, rules: SenderRules): Decision {
  const { author } = found;
  if (author.is === 'nobody') return asTold(rules.missingAuthor, '');
  if (author.is !== 'severalDomains') return asTold(rules.unclearAuthor, '');
  const { unclearAuthor } = rules;
  return asTold(unclearAuthor === 'refuse' ? 'junk' : unclearAuthor, author.domains.join(' '));
}

const asTold = (action: Treatment, domain: string): Decision => ({
  action,
  by: action === 'accept' ? 'clear' : 'author',
  domain,
});

function byDmarc(given: Case, rules: SenderRules): Decision {
  const { dmarc } = given.found;
  switch (dmarc?.result) {
    case 'fail':
      return failed(given, rules);
    case 'temperror': {
      const defers = given.onTemporaryError === 'defer' && rules.dmarc !== 'ignore';
      return defers ? { action: 'defer', by: 'temporary', domain: dmarc.author } : clear;
    }
    case 'pass':
      return clear;
    default:
      return bySpf(given.found, rules.spfFail);
  }
}

const clear: Decision = { action: 'accept', by: 'clear', domain: '' };

function failed(given: Case, rules: SenderRules): Decision {
  const { found } = given;
  const { author, policyDomain, applied = 'none' } = found.dmarc!;
  if (applied === 'none') return clear;
  const domain = policyDomain || author;
  const instead = (action: Decision['action'], type: OverrideType, comment: string): Decision => ({
    action,
    by: 'dmarc',
    domain,
    override: { type, comment },
  });
  if (rules.dmarc === 'ignore') return instead('accept', 'local_policy', 'DMARC is not enforced here');
  const vouching = vouchedByArc(found.arc, author, rules.trustedForwarders);
  if (vouching !== undefined) return instead('accept', 'local_policy', `arc=pass by ${vouching}`);
  const list = listOf(given);
  const forwarder = knownForwarder(found, rules.trustedForwarders);
  if (forwarder !== undefined)
    return instead('accept', list === undefined ? 'trusted_forwarder' : 'mailing_list', forwarder);
  if (applied === 'quarantine') return { action: 'junk', by: 'dmarc', domain };
  if (list !== undefined && rules.spareLists) return instead('junk', 'mailing_list', list);
  if (rules.dmarc === 'junk') return instead('junk', 'local_policy', 'refused for no policy here');
  return { action: 'refuse', by: 'dmarc', domain };
}

/** A mailing list that has proved who it is: its name in List-Id or List-Post is one that SPF or a signature stands for. */
function listOf({ found, header, block }: Case): string | undefined {
  const names = ['list-id', 'list-post'].flatMap((name) =>
    findFields(block, name).map((field) => fieldText(header, field)),
  );
  if (names.length === 0) return undefined;
  const proved = [
    ...(found.spf.result === 'pass' && found.spf.identity === 'mailfrom' ? [found.spf.domain] : []),
    ...found.dkim.filter(({ result }) => result === 'pass').map(({ domain }) => domain),
  ];
  const domains = names.flatMap((text) => lastName(text)?.toLowerCase() ?? []);
  return proved.find((domain) => domains.some((name) => fitsDomain(name, domain)));
}

/** Looked for among the last characters only: the rest is no name, and might be very long. */
const lastName = (text: string): string | undefined =>
  /([a-z0-9.-]+)>?$/i.exec(text.trimEnd().slice(-nameMaxChars))?.[1];

function bySpf({ spf, dkim }: Authentication, treatment: Treatment): Decision {
  if (treatment === 'accept' || spf.result !== 'fail') return clear;
  const signed = dkim.some(({ result, domain }) => result === 'pass' && fitsDomain(spf.domain, domain));
  return signed ? clear : { action: treatment, by: 'spf', domain: spf.domain };
}
