/** Who stands behind a mail, in words: from outside, as far as it is proved; of our own, how it was signed. */
import type { EventData } from './event.ts';

type Found = EventData['authenticated'];
type Signed = EventData['signed'];

export interface AuthenticationWords {
  headline(found: Found): string;
  details(found: Found): readonly string[];
  signed(signed: Signed): string;
  /** Of each key. */
  signedBy(signed: Signed): readonly string[];
}

const noAuthor: ReadonlySet<string> = new Set(['nobody', 'unreadable', 'severalFields', 'severalDomains']);

const resultsEn: Readonly<Record<string, string>> = {
  pass: 'passed',
  fail: 'failed',
  softfail: 'failed softly',
  neutral: 'says nothing',
  none: 'is not used',
  temperror: 'could not be checked, DNS did not answer',
  permerror: 'is set up wrongly',
  policy: 'is good, but not in a way that is accepted here',
};

const resultsJa: Readonly<Record<string, string>> = {
  pass: '合格',
  fail: '不合格',
  softfail: '不合格の疑い',
  neutral: '判定なし',
  none: '設定なし',
  temperror: 'DNSが応答せず確認できません',
  permerror: '設定に誤りがあります',
  policy: '署名は正しいものの受け入れ条件を満たしません',
};

const because = (why: string): string => (why === '' ? '' : ` (${why})`);

const en: AuthenticationWords = {
  headline: ({ dmarc, action }) => {
    const proved = {
      pass: `The sender ${dmarc.author} is genuine`,
      fail: `Nothing proves that this is from ${dmarc.author}`,
      temperror: `Whether this is from ${dmarc.author} could not be found out`,
    }[dmarc.result];
    const told = noAuthor.has(dmarc.author)
      ? authorEn[dmarc.author]!
      : (proved ?? `${dmarc.author} does not say how its mail is proved (no DMARC)`);
    return action === 'junk' ? `${told}: goes into Junk` : told;
  },
  details: (found) => [
    `SPF ${resultsEn[found.spf.result]}: ${found.spf.domain || 'no domain'}${found.spf.identity === 'helo' ? ' (its greeting)' : ''}${because(found.spf.why)}`,
    ...found.dkim.map(
      ({ result, domain, why }) => `DKIM signature of ${domain} ${resultsEn[result]}${because(why)}`,
    ),
    ...(found.dkim.length === 0 ? ['no DKIM signature'] : []),
    ...(found.dmarc.policy === '' ? [] : [`DMARC of the domain: p=${found.dmarc.policy}`]),
    ...(found.arc.result === 'none'
      ? []
      : [
          `forwarded by ${found.arc.forwarders.join(', ') || 'somebody'} (ARC ${found.arc.result}${because(found.arc.why)})`,
        ]),
    ...(found.override === '' ? [] : [`what the domain asks for was not done: ${found.override}`]),
    ...(found.action === 'junk' ? [reasonsEn[found.reason]] : []),
  ],
  signed: ({ domain, keys }) =>
    keys.length === 0
      ? `Could not be signed as ${domain} (DKIM), and goes unsigned`
      : `Signed as ${domain} (DKIM)`,
  signedBy: ({ keys }) =>
    keys.map(({ selector, algorithm, seen }) =>
      seen
        ? `${algorithm} with the key ${selector}`
        : `${algorithm} with the key ${selector}, whose record has not been seen in DNS: until it is there, the signature proves nothing`,
    ),
};

const authorEn: Readonly<Record<string, string>> = {
  nobody: 'The mail does not say who it is from',
  unreadable: 'Who the mail is from cannot be read',
  severalFields: 'The mail has several From fields',
  severalDomains: 'The mail is from authors of several domains',
};

const reasonsEn: Readonly<Record<Found['reason'], string>> = {
  clear: '',
  dmarc: 'into Junk because its domain asks for that (DMARC)',
  spf: 'into Junk because the host may not send for the domain (SPF)',
  author: 'into Junk because there is no telling who it is from',
  senderRule: 'into Junk by a rule for this sender',
  temporary: '',
};

const ja: AuthenticationWords = {
  headline: ({ dmarc, action }) => {
    const proved = {
      pass: `差出人 ${dmarc.author} は本物と確認`,
      fail: `${dmarc.author} からのメールであることを証明できません`,
      temperror: `${dmarc.author} からのメールかどうか確認できませんでした`,
    }[dmarc.result];
    const told = noAuthor.has(dmarc.author)
      ? authorJa[dmarc.author]!
      : (proved ?? `${dmarc.author} は証明方法を公開していません（DMARCなし）`);
    return action === 'junk' ? `${told}。迷惑メールへ` : told;
  },
  details: (found) => [
    `SPF ${resultsJa[found.spf.result]}: ${found.spf.domain || 'ドメインなし'}${found.spf.identity === 'helo' ? '（挨拶の名前）' : ''}${because(found.spf.why)}`,
    ...found.dkim.map(
      ({ result, domain, why }) => `${domain} のDKIM署名 ${resultsJa[result]}${because(why)}`,
    ),
    ...(found.dkim.length === 0 ? ['DKIM署名なし'] : []),
    ...(found.dmarc.policy === '' ? [] : [`ドメインのDMARC: p=${found.dmarc.policy}`]),
    ...(found.arc.result === 'none'
      ? []
      : [
          `${found.arc.forwarders.join('、') || '不明'} が転送（ARC ${found.arc.result}${because(found.arc.why)}）`,
        ]),
    ...(found.override === '' ? [] : [`ドメインの要求どおりにしなかった理由: ${found.override}`]),
    ...(found.action === 'junk' ? [reasonsJa[found.reason]] : []),
  ],
  signed: ({ domain, keys }) =>
    keys.length === 0 ? `${domain} のDKIM署名を付けられず、署名なしで送信` : `${domain} のDKIM署名を付加`,
  signedBy: ({ keys }) =>
    keys.map(({ selector, algorithm, seen }) =>
      seen
        ? `${algorithm}、鍵 ${selector}`
        : `${algorithm}、鍵 ${selector}（DNSにレコードが未確認のため、公開されるまで検証されません）`,
    ),
};

const authorJa: Readonly<Record<string, string>> = {
  nobody: '差出人の書かれていないメールです',
  unreadable: '差出人を読み取れないメールです',
  severalFields: 'Fromが複数あるメールです',
  severalDomains: '差出人が複数のドメインにわたるメールです',
};

const reasonsJa: Readonly<Record<Found['reason'], string>> = {
  clear: '',
  dmarc: 'ドメインの要求（DMARC）により迷惑メールへ',
  spf: 'ドメインの送信許可（SPF）がないため迷惑メールへ',
  author: '差出人が不明なため迷惑メールへ',
  senderRule: '差出人についての規則により迷惑メールへ',
  temporary: '',
};

export const authenticationWords: Readonly<Record<'en' | 'ja', AuthenticationWords>> = { en, ja };
