/**
 * The check of who a mail wants to be taken for: the name that people see beside the address, domains that look like those of the organisation, answers
 * that go elsewhere.
 */
import { displayName, flatten, parseAddresses, type Mailbox } from '../proto/mime/address.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { fieldText, findFields } from '../proto/mime/headers.ts';
import { registrableDomain } from '../proto/dns/registrable.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import type { Check, CheckedMail, Finding } from './check.ts';
import { likenessTo, mixesScripts, skeleton, type Likeness } from './look-alike.ts';
import type { FactsOf, OrgFacts } from './org-facts.ts';

const weights = {
  /** The name holds an address of another domain. */
  'from.name-holds-address': 2.5,
  /** Somebody's name who writes from elsewhere. */
  'from.protected-name': 4,
  'from.likeness': 4,
  'from.typo': 3,
  'from.cousin': 1.5,
  'from.mixed-script': 2,
  /** Answers go to another domain, of those that anybody can have an address at. */
  'from.reply-elsewhere': 1,
} as const;

export function impersonationCheck(factsOf: FactsOf, timeoutMs: number): Check {
  return {
    name: 'from',
    stage: 'header',
    timeoutMs,
    onFailure: 'accept',
    rules: weights,
    begin(mail) {
      if (mail.direction === 'out') return undefined;
      const authors = mailboxes(mail, 'from');
      return {
        finish: async () => {
          const findings = authors.flatMap((author) => ofAll(author, mailboxes(mail, 'reply-to')));
          for (const org of new Set(mail.to.map((one) => one.org))) {
            const facts = await factsOf(org);
            findings.push(...authors.flatMap((author) => forOrg(author, org, facts)));
          }
          return { findings };
        },
      };
    },
  };
}

function mailboxes({ header, block }: CheckedMail, name: string): readonly Mailbox[] {
  return findFields(block, name)
    .slice(0, 3)
    .flatMap((field) => flatten(parseAddresses(fieldText(header, field))).slice(0, 5));
}

const finding = (rule: keyof typeof weights, detail: string): Finding => ({
  rule,
  weight: weights[rule],
  detail,
});

const domainOf = ({ domain }: Pick<Mailbox, 'domain'>): string => domainToAscii(domain.toLowerCase()) ?? '';

/** The part of a name that somebody has registered, or the name. */
const registered = (domain: string): string => registrableDomain(domain) ?? domain;

function ofAll(author: Mailbox, replies: readonly Mailbox[]): Finding[] {
  const findings: Finding[] = [];
  const own = domainOf(author);
  const name = displayName(author) ?? '';
  const [, shown] =
    /[\p{L}\p{N}._%+-]{1,64}[@＠]((?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24})/u.exec(name) ?? [];
  const shownDomain = shown === undefined ? '' : (domainToAscii(shown.toLowerCase()) ?? '');
  if (shownDomain !== '' && registered(shownDomain) !== registered(own))
    findings.push(finding('from.name-holds-address', `"${name}" <…@${own}>`));
  if (mixesScripts(own)) findings.push(finding('from.mixed-script', own));
  const elsewhere = replies.find((reply) => {
    const domain = domainOf(reply);
    return domain !== '' && registered(domain) !== registered(own) && freeMail.has(registered(domain));
  });
  if (elsewhere && !freeMail.has(registered(own)))
    findings.push(finding('from.reply-elsewhere', `${domainOf(elsewhere)} for ${own}`));
  return findings;
}

function forOrg(author: Mailbox, org: string, facts: OrgFacts): Finding[] {
  const own = domainOf(author);
  const ours = facts.domains.some((domain) => own === domain || own.endsWith(`.${domain}`));
  if (ours || own === '') return [];
  const findings: Finding[] = [];
  const like = likenessTo(own, [...facts.domains, ...facts.protectedDomains]);
  if (like) findings.push({ ...finding(likenessRules[like.is], `${own} for ${like.domain}`), org });
  const protectedName = nameIn(displayName(author) ?? '', facts.protectedNames);
  const partner = facts.protectedDomains.some((domain) => own === domain || own.endsWith(`.${domain}`));
  if (protectedName !== undefined && !partner)
    findings.push({ ...finding('from.protected-name', `${protectedName} <…@${own}>`), org });
  return findings;
}

const likenessRules: Readonly<Record<Likeness, keyof typeof weights>> = {
  likeness: 'from.likeness',
  typo: 'from.typo',
  cousin: 'from.cousin',
};

/** Words in any order, letters by their looks: `TARO Yamada`, `山田太郎`, `Yаmada Taro` are who they say. */
function nameIn(shown: string, names: readonly string[]): string | undefined {
  const text = decodeWords(shown);
  if (text === '' || names.length === 0) return undefined;
  const words = new Set(wordsOf(text));
  const joined = skeleton(text).replace(/\s+/gu, '');
  return names.find((name) => {
    const wanted = wordsOf(name);
    if (wanted.length === 0) return false;
    // Names of Chinese characters are written with a blank or without.
    if (/\p{Script=Han}/u.test(name)) return joined.includes(skeleton(name).replace(/\s+/gu, ''));
    return wanted.every((word) => words.has(word));
  });
}

const wordsOf = (text: string): string[] =>
  text
    .split(/[\s,、・()（）"'<>[\]]+/u)
    .map(skeleton)
    .filter((word) => word !== '');

/** Domains at which anybody gets an address. */
const freeMail: ReadonlySet<string> = new Set(
  (
    'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.jp ymail.com aol.com icloud.com me.com proton.me ' +
    'protonmail.com gmx.com gmx.net gmx.de web.de mail.ru yandex.ru yandex.com qq.com 163.com 126.com sina.com naver.com excite.co.jp ' +
    'mail.com zoho.com tutanota.com hotmail.co.jp outlook.jp fastmail.com'
  ).split(' '),
);
