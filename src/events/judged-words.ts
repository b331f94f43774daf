/** What the filters found of a mail, in words: each rule with its weight. */
import type { EventData } from './event.ts';

type Judged = EventData['judged'];

export interface JudgedWords {
  headline(judged: Judged): string;
  details(judged: Judged): readonly string[];
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

const spoken = ({ rules, headline, actions, decided, failed }: Language): JudgedWords => ({
  headline: ({ score, threshold, action }) =>
    headline(score.toFixed(1), threshold === null ? '' : threshold.toFixed(1), actions[action]),
  details: ({ rules: found, decisive, failures }) => [
    ...found.map(({ rule, weight, detail }) => {
      const meaning = rules[rule] ?? rules[first(rule)] ?? '';
      return `${signed(weight)} ${rule}${meaning === '' ? '' : `: ${meaning}`}${detail === '' ? '' : ` (${detail})`}`;
    }),
    ...(decisive === '' ? [] : [decided(decisive)]),
    ...failures.map(failed),
  ],
});

export const judgedWords: Readonly<Record<'en' | 'ja', JudgedWords>> = { en: spoken(en), ja: spoken(ja) };
