/** What the filters found of a mail, in words: each rule with its weight. */
import type { EventData } from './event.ts';

type Judged = EventData['judged'];

export interface JudgedWords {
  headline(judged: Judged): string;
  details(judged: Judged): readonly string[];
  /** What a rule is about; `''` where there are no words for it. */
  rule(name: string): string;
}

const signed = (weight: number): string => `${weight > 0 ? '+' : ''}${weight.toFixed(1)}`;
const first = (text: string): string => text.split('.', 1)[0]!;

/** By the whole name of a rule, or else by its first word. A rule that has no words is told by its name alone. */
const rulesEn: Readonly<Record<string, string>> = {
  'proof.spf-fail': 'the host may not send for the domain (SPF)',
  'proof.spf-softfail': 'the host probably may not send for the domain (SPF)',
  'proof.dkim-broken': 'the signature does not fit (DKIM)',
  'proof.dmarc-fail': 'nothing proves the author (DMARC)',
  'proof.dmarc-pass': 'the author is proved (DMARC)',
  'proof.policy': 'what its domain asks for, or a rule for the sender',
  'ip25b.name': 'the name of the address is that of a line which changes (IP25B)',
  'ip25b.network': 'from a network of lines that change (IP25B)',
  'ip25b.list': 'on a list of lines that change (IP25B)',
  dnsbl: 'on a list of addresses that send spam',
  dnswl: 'on a list of addresses with a good name',
  uribl: 'names a domain that is on a list of those in spam',
  'header.no-date': 'no date, or none that can be read',
  'header.no-message-id': 'no Message-ID',
  'header.no-recipient': 'neither To nor Cc',
  'header.no-subject': 'no subject',
  'header.future-date': 'a date in the future',
  'header.old-date': 'an old date',
  'header.repeated': 'a field that stands twice',
  'header.direction-override': 'letters that run backwards hide something',
  'header.helo-no-name': 'the server greets without a name',
  'header.helo-is-ours': 'a stranger greets with our name',
  'from.name-holds-address': 'the name holds the address of somebody else',
  'from.protected-name': 'somebody’s name, from elsewhere',
  'from.likeness': 'the domain looks like another',
  'from.typo': 'the domain is one letter from another',
  'from.cousin': 'the domain is another with a word to it',
  'from.mixed-script': 'the domain mixes scripts',
  'from.reply-elsewhere': 'answers go to a free mailbox',
  'url.address': 'a link to an address without a name',
  'url.user': 'a link with a user name that looks like its host',
  'url.other-than-shown': 'a link leads elsewhere than it shows',
  'url.mixed-script': 'the domain of a link mixes scripts',
  'url.likeness': 'the domain of a link looks like another',
  'url.typo': 'the domain of a link is one letter from another',
  'url.cousin': 'the domain of a link is another with a word to it',
  header: 'something about the header',
  from: 'the sender looks like somebody else',
  url: 'a link leads elsewhere than it looks',
  own: 'a rule of your organisation',
  'classifier.spam': 'looks like what was called junk before',
  'classifier.ham': 'looks like what was wanted before',
  rspamd: 'rspamd',
  spamassassin: 'SpamAssassin',
  clamav: 'ClamAV',
  'clamav.virus': 'a virus, found by ClamAV',
  'clamav.suspicious': 'suspicious, says ClamAV',
  milter: 'a milter',
  attachment: 'something about an attachment',
  'attachment.program': 'an attachment runs when it is opened',
  'attachment.disguised': 'an attachment is not what its name says',
  'attachment.encrypted': 'an encrypted archive, into which nobody can look (PPAP)',
  'attachment.macro': 'a document with macros',
  'attachment.bomb': 'an archive made to harm who unpacks it',
  'attachment.unread': 'an archive that could not be looked into',
  limit: 'more mail than usual',
};

const rulesJa: Readonly<Record<string, string>> = {
  'proof.spf-fail': 'このホストには送信許可がない（SPF）',
  'proof.spf-softfail': 'このホストにはおそらく送信許可がない（SPF）',
  'proof.dkim-broken': '署名が一致しない（DKIM）',
  'proof.dmarc-fail': '差出人を証明するものがない（DMARC）',
  'proof.dmarc-pass': '差出人を確認済み（DMARC）',
  'proof.policy': 'ドメインの要求、または差出人についての規則',
  'ip25b.name': '動的 IP アドレスとみられる逆引き名（IP25B）',
  'ip25b.network': '動的 IP アドレスのネットワーク（IP25B）',
  'ip25b.list': '動的 IP アドレスのリストに載っている（IP25B）',
  dnsbl: '迷惑メール送信元リストに載っている',
  dnswl: '信頼できる送信元リストに載っている',
  uribl: '迷惑メールに使われるドメインを含む',
  'header.no-date': '日付がない、または読み取れない',
  'header.no-message-id': 'Message-ID がない',
  'header.no-recipient': 'To も Cc もない',
  'header.no-subject': '件名がない',
  'header.future-date': '日付が未来',
  'header.old-date': '日付が古い',
  'header.repeated': '一つしか許されない項目が重複',
  'header.direction-override': '文字の向きを変えて何かを隠している',
  'header.helo-no-name': '送信サーバーが名乗っていない',
  'header.helo-is-ours': '他人がこのサーバーの名前を名乗っている',
  'from.name-holds-address': '表示名に別のアドレスが含まれている',
  'from.protected-name': '保護された名前が外部から使われている',
  'from.likeness': '見間違えやすいドメイン',
  'from.typo': '一文字違いのドメイン',
  'from.cousin': '正規の名前に語を足したドメイン',
  'from.mixed-script': '異なる文字体系が混ざったドメイン',
  'from.reply-elsewhere': '返信先がフリーメール',
  'url.address': 'IP アドレスへのリンク',
  'url.user': 'ホスト名に見えるユーザー名を含むリンク',
  'url.other-than-shown': '表示と異なる先へのリンク',
  'url.mixed-script': 'リンク先のドメインに異なる文字体系が混在',
  'url.likeness': 'リンク先が見間違えやすいドメイン',
  'url.typo': 'リンク先が一文字違いのドメイン',
  'url.cousin': 'リンク先が正規の名前に語を足したドメイン',
  header: 'ヘッダーに問題がある',
  from: '差出人が他人を装っている疑い',
  url: 'リンクが見た目と異なる先へ導く',
  own: '組織の規則',
  'classifier.spam': 'これまで迷惑メールとされたものに似ている',
  'classifier.ham': 'これまで必要とされたメールに似ている',
  rspamd: 'rspamd',
  spamassassin: 'SpamAssassin',
  clamav: 'ClamAV',
  'clamav.virus': 'ウイルスを検出（ClamAV）',
  'clamav.suspicious': '疑わしい内容（ClamAV）',
  milter: 'milter',
  attachment: '添付ファイルに問題がある',
  'attachment.program': '開くと実行される添付ファイル',
  'attachment.disguised': '名前と中身が異なる添付ファイル',
  'attachment.encrypted': '中身を検査できない暗号化アーカイブ（PPAP）',
  'attachment.macro': 'マクロを含む文書',
  'attachment.bomb': '展開する者に害をなすアーカイブ',
  'attachment.unread': '中身を調べられないアーカイブ',
  limit: '普段より多い送信',
};

const actionsEn: Readonly<Record<Judged['action'], string>> = {
  accept: 'nothing to be done',
  mark: 'it is marked',
  junk: 'goes into Junk',
  quarantine: 'goes into quarantine',
  defer: 'put off',
  refuse: 'refused',
};

const actionsJa: Readonly<Record<Judged['action'], string>> = {
  accept: '処置なし',
  mark: '印を付ける',
  junk: '迷惑メールへ',
  quarantine: '隔離へ',
  defer: '後で再送を求める',
  refuse: '拒否',
};

const policiesEn = { accept: 'the mail goes on without it', mark: 'it is marked for that', defer: 'put off' };
const policiesJa = { accept: '検査なしで続行', mark: '印を付ける', defer: '後で再送を求める' };

interface Language {
  readonly rules: Readonly<Record<string, string>>;
  readonly headline: (score: string, limit: string, action: string) => string;
  readonly actions: Readonly<Record<Judged['action'], string>>;
  readonly decided: (rule: string) => string;
  readonly failed: (failure: Judged['failures'][number]) => string;
}

const en: Language = {
  rules: rulesEn,
  actions: actionsEn,
  headline: (score, limit, action) =>
    `The filters give it ${score}${limit === '' ? '' : ` (limit ${limit})`}: ${action}`,
  decided: (rule) => `decided by ${rule}, whatever the sum`,
  failed: ({ check, why, policy }) => `${check} did not work (${why}): ${policiesEn[policy]}`,
};

const ja: Language = {
  rules: rulesJa,
  actions: actionsJa,
  headline: (score, limit, action) =>
    `フィルターの点数 ${score}${limit === '' ? '' : `（基準 ${limit}）`}: ${action}`,
  decided: (rule) => `合計にかかわらず ${rule} により決定`,
  failed: ({ check, why, policy }) => `${check} が動作しませんでした（${why}）: ${policiesJa[policy]}`,
};

const spoken = (language: Language): JudgedWords => {
  const { headline, actions, decided, failed } = language;
  const meaningOf = (rule: string): string => language.rules[rule] ?? language.rules[first(rule)] ?? '';
  return {
    rule: meaningOf,
    headline: ({ score, threshold, action }) =>
      headline(score.toFixed(1), threshold === null ? '' : threshold.toFixed(1), actions[action]),
    details: ({ rules: found, decisive, failures }) => [
      ...found.map(({ rule, weight, detail }) => {
        const meaning = meaningOf(rule);
        return `${signed(weight)} ${rule}${meaning === '' ? '' : `: ${meaning}`}${detail === '' ? '' : ` (${detail})`}`;
      }),
      ...(decisive === '' ? [] : [decided(decisive)]),
      ...failures.map(failed),
    ],
  };
};

export const judgedWords: Readonly<Record<'en' | 'ja', JudgedWords>> = { en: spoken(en), ja: spoken(ja) };
