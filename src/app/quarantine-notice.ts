/** The mail that tells of what filters keep back: to the postmaster of an organisation, or to one of its people. Pure. */
import type { MessageId } from '../base/ids.ts';
import { parseAddresses } from '../proto/mime/address.ts';
import { compose } from '../proto/mime/compose.ts';
import type { Quarantined } from '../queue/quarantine.ts';

export interface QuarantineNotice {
  readonly to: string;
  readonly for: 'admin' | 'recipient';
  readonly kept: readonly Quarantined[];
  readonly language: 'en' | 'ja';
  readonly hostName: string;
  readonly messageId: MessageId;
  readonly atMs: number;
}

interface Words {
  readonly subject: (count: number) => string;
  readonly head: Readonly<Record<QuarantineNotice['for'], string>>;
  readonly from: string;
  readonly to: string;
  readonly why: string;
  readonly until: string;
  readonly more: (count: number) => string;
}

const shownMax = 100;

const en: Words = {
  subject: (count) => `${count} ${count === 1 ? 'mail is' : 'mails are'} in quarantine`,
  head: {
    admin: 'The filters keep these mails back. What is wanted is let go by: hikyaku quarantine release ID',
    recipient:
      'The filters keep these mails to you back. If you want one of them, ask your administrator to release it, with its ID.',
  },
  from: 'from',
  to: 'to',
  why: 'why',
  until: 'deleted',
  more: (count) => `and ${count} more: hikyaku quarantine list`,
};

const ja: Words = {
  subject: (count) => `隔離中のメールが ${count} 通あります`,
  head: {
    admin:
      'フィルターが次のメールを隔離しています。必要なメールは次のコマンドで解放できます: hikyaku quarantine release ID',
    recipient:
      'フィルターがあなた宛ての次のメールを隔離しています。必要なメールがあれば、IDを添えて管理者に解放を依頼してください。',
  },
  from: '差出人',
  to: '宛先',
  why: '理由',
  until: '削除予定',
  more: (count) => `ほか ${count} 通: hikyaku quarantine list`,
};

export function quarantineNotice(notice: QuarantineNotice): Buffer {
  const { to, kept, language, hostName, messageId, atMs } = notice;
  const words = language === 'ja' ? ja : en;
  const listed = kept.slice(0, shownMax).map((one) => entry(one, words, notice.for));
  const more = kept.length > shownMax ? [words.more(kept.length - shownMax)] : [];
  return compose({
    headers: [
      { name: 'From', addresses: parseAddresses(`Postmaster <postmaster@${hostName}>`) },
      { name: 'To', addresses: parseAddresses(to) },
      { name: 'Subject', text: words.subject(kept.length) },
      { name: 'Date', dateMs: atMs },
      { name: 'Message-ID', raw: `<${messageId}@${hostName}>` },
      { name: 'Auto-Submitted', raw: 'auto-generated' },
    ],
    body: { is: 'text', text: [words.head[notice.for], ...listed, ...more].join('\n\n') + '\n' },
  });
}

/** What a sender wrote is shown without what could lead a reader anywhere: no control characters, links that are none. */
const tame = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replaceAll('://', ': //')
    .slice(0, 150);

function entry(one: Quarantined, words: Words, reader: QuarantineNotice['for']): string {
  const rules = one.rules.slice(0, 5).map(({ rule }) => rule);
  const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `${one.message}  ${day(one.atMs)} UTC  "${tame(one.subject)}"`,
    `  ${words.from}: ${tame(one.sender) || '<>'}`,
    ...(reader === 'admin' ? [`  ${words.to}: ${one.recipients.map(tame).join(', ')}`] : []),
    `  ${words.why}: ${rules.join(', ')}`,
    `  ${words.until}: ${day(one.expiresAtMs)} UTC`,
  ].join('\n');
}
