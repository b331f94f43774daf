/** DNS records in words for whoever sets up a domain. */
import type { DnsAnswer } from '../../app/admin-answers.ts';
import type { Language } from '../language.ts';

type Checked = DnsAnswer['records'][number];
type Purpose = Checked['record']['purpose'];
type Note = Checked['notes'][number];

export interface DnsWords {
  readonly purposes: Readonly<Record<Purpose, string>>;
  readonly statuses: Readonly<Record<Checked['status'], string>>;
  readonly notes: Readonly<Record<Note, string>>;
  readonly columns: Readonly<Record<'purpose' | 'status' | 'record', string>>;
  readonly shouldBe: string;
  readonly found: string;
  readonly lookups: (count: number) => string;
  readonly silent: (server: string, problem: string) => string;
  readonly says: (server: string, records: string) => string;
  readonly none: string;
  readonly allFine: string;
  readonly toDo: (required: number, recommended: number) => string;
}

export const dnsWords: Readonly<Record<Language, DnsWords>> = {
  en: {
    purposes: {
      address: 'address of the server',
      reverse: 'name of the address (reverse, set by the provider of the line)',
      mx: 'where mail for the domain goes',
      spf: 'which servers send its mail (SPF)',
      heloSpf: 'the same of the server itself (SPF)',
      dkim: 'key of its signatures (DKIM)',
      dmarc: 'what others do with forged mail (DMARC)',
      mtaSts: 'encryption is promised (MTA-STS)',
      mtaStsHost: 'where that promise is read',
      tlsReports: 'where reports on encryption go (TLS-RPT)',
      tlsa: 'key of the server (DANE)',
      mailers: 'servers for mailers',
      autoconfig: 'set-up of Thunderbird and others',
      autodiscover: 'set-up of Outlook',
      bimi: 'logo (BIMI)',
    },
    statuses: {
      ok: 'fine',
      missing: 'missing',
      different: 'different',
      unknown: 'not known',
      unchecked: 'not checked',
    },
    notes: {
      severalSpf: 'There are several SPF records: together they count as none. Make one of them.',
      spfTooManyLookups: 'The record costs more than ten questions to DNS: others take it for broken.',
      spfUnreadable: 'The record has a term that is no SPF, so others take all of it for broken.',
      mxElsewhere: 'Mail also goes to other servers: right if they are yours.',
      serversDisagree: 'The name servers of the domain do not say the same: wait, or ask their operator.',
      serverSilent: 'Not all name servers of the domain answer.',
      noForwardMatch: 'The name does not lead back to this address.',
      otherKey: 'Another key is published than the one that signs: signatures fail.',
      dmarcUnreadable: 'The policy cannot be read, so others act as if there were none.',
    },
    columns: { purpose: 'for', status: 'is', record: 'record' },
    shouldBe: 'should be',
    found: 'is there',
    lookups: (count) => `${count} of 10 questions to DNS`,
    silent: (server, problem) => `${server === '' ? 'DNS' : server} does not answer: ${problem}`,
    says: (server, records) => `${server} says: ${records}`,
    none: 'nothing',
    allFine: 'All that matters is there and right.',
    toDo: (required, recommended) =>
      `${required} to set before mail works well${recommended === 0 ? '' : `, ${recommended} more that are recommended`}. As lines of a zone file: --zone.`,
  },
  ja: {
    purposes: {
      address: 'サーバーのアドレス',
      reverse: 'アドレスの逆引き名（回線の提供元で設定）',
      mx: 'ドメイン宛メールの届け先',
      spf: '送信してよいサーバー（SPF）',
      heloSpf: 'サーバー自身の SPF',
      dkim: '署名の公開鍵（DKIM）',
      dmarc: 'なりすましメールの扱い（DMARC）',
      mtaSts: '暗号化の約束（MTA-STS）',
      mtaStsHost: 'その約束の置き場所',
      tlsReports: '暗号化の報告先（TLS-RPT）',
      tlsa: 'サーバーの鍵（DANE）',
      mailers: 'メールソフト用のサーバー',
      autoconfig: 'Thunderbird などの自動設定',
      autodiscover: 'Outlook の自動設定',
      bimi: 'ロゴ（BIMI）',
    },
    statuses: { ok: '正常', missing: 'なし', different: '相違', unknown: '不明', unchecked: '未確認' },
    notes: {
      severalSpf: 'SPF レコードが複数あり、すべて無効になります。一つにまとめてください。',
      spfTooManyLookups: 'DNS への問い合わせが 10 回を超えるため、相手側でエラーになります。',
      spfUnreadable: 'SPF として読めない部分があるため、レコード全体が無効になります。',
      mxElsewhere: '他のサーバーにもメールが届きます。自分のサーバーなら問題ありません。',
      serversDisagree:
        'ドメインのネームサーバー間で内容が違います。しばらく待つか、管理者に確かめてください。',
      serverSilent: '応答しないネームサーバーがあります。',
      noForwardMatch: '逆引きの名前が、このアドレスに戻りません。',
      otherKey: '署名に使う鍵と違う鍵が公開されているため、署名の検証に失敗します。',
      dmarcUnreadable: 'ポリシーが読めないため、相手側では無いものとして扱われます。',
    },
    columns: { purpose: '用途', status: '状態', record: 'レコード' },
    shouldBe: '設定すべき値',
    found: '現在の値',
    lookups: (count) => `DNS への問い合わせ ${count} 回（上限 10 回）`,
    silent: (server, problem) => `${server === '' ? 'DNS' : server} が応答しません: ${problem}`,
    says: (server, records) => `${server} の応答: ${records}`,
    none: 'なし',
    allFine: '必要なレコードはすべて正しく設定されています。',
    toDo: (required, recommended) =>
      `必須の設定が ${required} 件${recommended === 0 ? '' : `、推奨の設定が ${recommended} 件`}残っています。ゾーンファイルの形では --zone。`,
  },
};
