/** Administration of what is made of mail from outside. */
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { ownSenderRules } from '../read/sender-rules.ts';
import type { SenderRules } from '../sender-rules.ts';
import { putSenderRules } from '../write/sender-rules.ts';
import { checkedDomain, type Office } from './office.ts';

const domainsMax = 500;

/** Whose rules: an organisation's, or one of its domains'. */
export interface RulesOf {
  readonly org: OrgId;
  /** `''`: the whole organisation. */
  readonly domain: string;
}

export class SenderRulesOffice {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** What is set there, without what is set above it. */
  get({ org, domain }: RulesOf): Promise<SenderRules> {
    return this.#office.store.read(() => ownSenderRules(org, checkedPlace(domain)));
  }

  async put(actor: Actor, { org, domain }: RulesOf, rules: SenderRules): Promise<SenderRules> {
    const checked: SenderRules = {
      ...rules,
      ...(rules.trustedForwarders && {
        trustedForwarders: checkedPatterns(rules.trustedForwarders, 'trustedForwarders'),
      }),
      ...(rules.senders && { senders: checkedSenders(rules.senders) }),
    };
    const change = this.#office.change(actor);
    await this.#office.write(putSenderRules, { change, org, domain: checkedPlace(domain), rules: checked });
    return checked;
  }
}

const checkedPlace = (domain: string): string => (domain === '' ? '' : checkedDomain(domain, 'domain'));

function checkedSenders(senders: NonNullable<SenderRules['senders']>): NonNullable<SenderRules['senders']> {
  const domains = checkedPatterns(
    senders.map(({ domain }) => domain),
    'senders',
  );
  return senders.map(({ action }, i) => ({ domain: domains[i]!, action }));
}

function checkedPatterns(patterns: readonly string[], at: string): string[] {
  if (patterns.length > domainsMax)
    throw new Refusal('limitReached', `at most ${domainsMax} domains`, { at });
  return patterns.map((pattern, i) => {
    const below = pattern.trim().startsWith('*.');
    const domain = checkedDomain(below ? pattern.trim().slice(2) : pattern, `${at}.${i}`);
    return below ? `*.${domain}` : domain;
  });
}
