/** What came back after a message had been taken, and what followed from it, in words: reports, complaints, replies of machines, suppression. */
import type { EventData } from './event.ts';

export interface ReturnedWords {
  bouncedLater(recipient: string, what: EventData['bouncedLater']['class']): string;
  reason(reason: string): string;
  decidedBy(rule: string, confidence: number): string;
  reportId(id: string): string;
  complained(recipient: string): string;
  autoReplied(recipient: string, subject: string): string;
  suppressed(recipient: string, data: EventData['suppressed']): string;
  until(untilMs: number): string;
}

const causesEn: Readonly<Record<string, string>> = {
  complaint: 'a complaint',
  unsubscribe: 'its owner unsubscribed',
};
const causesJa: Readonly<Record<string, string>> = { complaint: '苦情', unsubscribe: '配信停止の希望' };

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** By the names of proto/bounce; English, Japanese. */
const reasons: Readonly<Record<string, readonly [en: string, ja: string]>> = {
  noSuchUser: ['there is no such mailbox', '宛先のメールボックスがありません'],
  noSuchDomain: ['the domain does not exist', '宛先のドメインがありません'],
  takesNoMail: ['the domain takes no mail', '宛先のドメインはメールを受け取りません'],
  moved: ['the mailbox has moved', '宛先は移転しました'],
  mailboxFull: ['the mailbox is full', '宛先のメールボックスが満杯です'],
  mailboxDisabled: ['the mailbox is closed or suspended', '宛先のアカウントは停止中です'],
  filtered: [
    'the recipient or a filter of theirs refuses it',
    '受信者またはその受信設定により拒否されました',
  ],
  tooLargeForRecipient: ['too large for the recipient', '受信者のサイズ制限を超えています'],
  tooLarge: ['too large', 'メールが大きすぎます'],
  senderRefused: ['the sender address is refused', '差出人アドレスが拒否されました'],
  addressBlocked: ['our address is blocked there', '送信元のIPアドレスが拒否されています'],
  badReputation: ['our reputation there is bad', '送信元の評価が低下しています'],
  noReverseName: ['our address has no reverse name', '送信元IPアドレスの逆引きがありません'],
  unauthenticated: ['SPF, DKIM or DMARC do not pass', 'SPF・DKIM・DMARCの認証に失敗しました'],
  policy: ['a rule of the receiver forbids it', '受信側の規則により拒否されました'],
  spam: ['taken for spam', '迷惑メールと判定されました'],
  virus: ['taken for a virus', 'ウイルスと判定されました'],
  content: ['its form is refused', 'メールの形式が拒否されました'],
  notCompliant: ['it is said to break RFC 5322', 'RFC 5322に反すると判定されました'],
  noRelay: ['the server does not relay', '相手サーバーは中継を許可していません'],
  security: ['rights or authentication are missing', '権限または認証がありません'],
  tlsFailed: ['encryption failed', '暗号化に失敗しました'],
  tooFast: ['too much in too short a time', '短時間に送りすぎです'],
  tooManyConnections: ['too many connections or recipients', '接続数または宛先数が多すぎます'],
  greylisted: ['to be tried again later (greylisting)', '時間をおいて再送が必要です（グレイリスト）'],
  expired: ['it was not possible in time', '期限までに配送できませんでした'],
  network: ['the network or DNS failed', 'ネットワークまたはDNSの障害です'],
  system: ['trouble of the receiving system', '受信側システムの障害です'],
  systemFull: ['the disk there is full', '受信側のディスクが満杯です'],
  mailerError: ['a program at the receiver failed', '受信側のプログラムが失敗しました'],
  protocol: ['a command was not understood', 'コマンドが理解されませんでした'],
  suppressedElsewhere: [
    'a service on the way suppresses the address',
    '経路上のサービスが宛先を送信停止にしています',
  ],
  abuse: ['called spam', '迷惑メールとして報告'],
  fraud: ['called fraud', '詐欺メールとして報告'],
  optOut: ['wants no more mail', '配信停止の希望'],
  challenge: ['it wants to be confirmed by a person', '人による確認を求める返信'],
  vacation: ['away', '不在通知'],
};

const classesEn: Readonly<Record<EventData['bouncedLater']['class'], string>> = {
  hard: 'Came back for good',
  soft: 'Came back',
  block: 'Came back: we or this mail were refused',
  delayed: 'Delayed further on',
  delivered: 'Reported as delivered further on',
  unknown: 'A report came back',
};
const classesJa: Readonly<Record<EventData['bouncedLater']['class'], string>> = {
  hard: '受け取り後に不達（恒久的）',
  soft: '受け取り後に不達',
  block: '受け取り後に拒否（送信元またはメールの問題）',
  delayed: '相手先で配送が遅れています',
  delivered: '相手先で配送完了と報告',
  unknown: '配送報告を受信',
};

const en: ReturnedWords = {
  bouncedLater: (recipient, what) => `${classesEn[what]}: ${recipient}`,
  reason: (reason) => `reason: ${reasons[reason]?.[0] ?? reason}`,
  decidedBy: (rule, confidence) => `read by the rule "${rule}", ${confidence} % sure`,
  reportId: (id) => `the report itself: ${id}`,
  complained: (recipient) => `${recipient || 'A recipient'} complained of it as unwanted`,
  autoReplied: (recipient, subject) => `A machine answered for ${recipient}: "${subject}"`,
  suppressed: (recipient, { cause }) =>
    `No more mail to ${recipient}: suppressed (${causesEn[cause] ?? 'errors for good'})`,
  until: (untilMs) => (untilMs === 0 ? 'until somebody takes it off the list' : `until ${day(untilMs)}`),
};

const ja: ReturnedWords = {
  bouncedLater: (recipient, what) => `${classesJa[what]}: ${recipient}`,
  reason: (reason) => `理由: ${reasons[reason]?.[1] ?? reason}`,
  decidedBy: (rule, confidence) => `判定規則「${rule}」、確度 ${confidence} %`,
  reportId: (id) => `報告のメール: ${id}`,
  complained: (recipient) => `${recipient || '受信者'} から迷惑メールとして苦情がありました`,
  autoReplied: (recipient, subject) => `${recipient} からの自動応答「${subject}」`,
  suppressed: (recipient, { cause }) =>
    `${recipient} への送信を停止しました（${causesJa[cause] ?? '恒久的なエラー'}）`,
  until: (untilMs) => (untilMs === 0 ? '解除されるまで' : `${day(untilMs)} まで`),
};

export const returnedWords = { en, ja } as const;
