/** The check of links: where they lead, what is shown for them, and what lists say of their domains. */
import { parseAddress } from '../net/address-block.ts';
import { registrableDomain } from '../proto/dns/registrable.ts';
import { linksInHtml, linksInText, type Link } from '../proto/mime/links.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import type { Check, Finding } from './check.ts';
import { likenessTo, mixesScripts, type Likeness } from './look-alike.ts';
import type { FactsOf } from './org-facts.ts';
import type { ReputationLists } from './reputation-lists.ts';

const weights = {
  /** The host is an address. */
  'url.address': 1,
  /** A user name in front of the host that looks like one. */
  'url.user': 1.5,
  /** The text shows another domain than the link has: as in fraud, and in newsletters that count their readers. */
  'url.other-than-shown': 1.2,
  'url.mixed-script': 2,
  'url.likeness': 3,
  'url.typo': 2,
  'url.cousin': 1,
} as const;

/** Domains that are looked up in lists for one mail. */
const domainsMax = 30;

export interface UrlCheckParts {
  readonly lists: ReputationLists;
  readonly factsOf: FactsOf;
  readonly timeoutMs: number;
}

export function urlCheck({ lists, factsOf, timeoutMs }: UrlCheckParts): Check {
  return {
    name: 'url',
    stage: 'content',
    timeoutMs,
    onFailure: 'accept',
    rules: weights,
    begin: (mail) => ({
      async finish({ content: { texts } }) {
        const links = texts.flatMap(({ is, text }) =>
          is === 'html' ? linksInHtml(text) : linksInText(text),
        );
        const domains = [...new Set(links.flatMap(({ host }) => domainOf(host) ?? []))];
        const findings = ofLinks(links);
        const orgs = mail.login ? [mail.login.org] : [...new Set(mail.to.map(({ org }) => org))];
        for (const org of orgs) findings.push(...(await likenesses(domains, org, factsOf)));
        const listed = await Promise.all(domains.slice(0, domainsMax).map((domain) => lists.domain(domain)));
        return { findings: [...findings, ...strongest(listed.flat())] };
      },
    }),
  };
}

const finding = (rule: keyof typeof weights, detail: string): Finding => ({
  rule,
  weight: weights[rule],
  detail,
});

/** What somebody has registered, in A-labels. */
function domainOf(host: string): string | undefined {
  const ascii = domainToAscii(host);
  return ascii === undefined ? undefined : registrableDomain(ascii);
}

/** Each rule once, however many links break it. */
function ofLinks(links: readonly Link[]): Finding[] {
  const found = new Map<string, Finding>();
  const tell = (rule: keyof typeof weights, detail: string): void => {
    if (!found.has(rule)) found.set(rule, finding(rule, detail));
  };
  for (const { host, hasUser, shown, url } of links) {
    if (isNumeric(host)) tell('url.address', host);
    if (hasUser) tell('url.user', url.slice(0, 100));
    if (mixesScripts(host)) tell('url.mixed-script', host);
    const other = otherShown(shown, host);
    if (other !== undefined) tell('url.other-than-shown', `${other} leads to ${host}`);
  }
  return [...found.values()];
}

/** Also written as one number, or in hexadecimal, as browsers read it (URL Standard, 3.5). */
const isNumeric = (host: string): boolean =>
  parseAddress(host) !== undefined || /^(?:0x[\da-f]+|\d+)(?:\.(?:0x[\da-f]+|\d+)){0,3}$/.test(host);

/** The domain of an URL in the text of a link, if the link leads to another. */
function otherShown(shown: string, host: string): string | undefined {
  const looksLikeUrl = /^\s*(?:https?:\/\/|www\.)\S+\s*$/i.test(shown);
  const [link] = looksLikeUrl ? linksInText(shown) : [];
  const domain = link && domainOf(link.host);
  return domain !== undefined && domain !== domainOf(host) ? link!.host : undefined;
}

async function likenesses(domains: readonly string[], org: string, factsOf: FactsOf): Promise<Finding[]> {
  const facts = await factsOf(org);
  const known = [...facts.domains, ...facts.protectedDomains];
  if (known.length === 0) return [];
  const found = new Map<Likeness, Finding>();
  for (const domain of domains) {
    const like = likenessTo(domain, known);
    if (like && !found.has(like.is))
      found.set(like.is, { ...finding(`url.${like.is}`, `${domain} for ${like.domain}`), org });
  }
  return [...found.values()];
}

/** Of each list the weightiest. */
function strongest(findings: readonly Finding[]): Finding[] {
  const best = new Map<string, Finding>();
  for (const one of findings) {
    const before = best.get(one.rule);
    if (before === undefined || Math.abs(one.weight) > Math.abs(before.weight)) best.set(one.rule, one);
  }
  return [...best.values()];
}
