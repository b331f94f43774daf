/** The mail that tells the owners of an organisation that one of its webhook endpoints is paused. Pure. */
import { compose } from '../proto/mime/compose.ts';
import { parseAddresses } from '../proto/mime/address.ts';

export interface PauseFacts {
  readonly url: string;
  readonly reason: 'failing' | 'gone';
  readonly answer: string;
  readonly to: readonly string[];
  readonly language: 'en' | 'ja';
  readonly hostName: string;
  readonly messageId: string;
  readonly atMs: number;
}

interface Words {
  readonly subject: string;
  readonly why: Readonly<Record<PauseFacts['reason'], string>>;
  readonly text: (url: string, why: string, answer: string) => string;
}

const words: Readonly<Record<PauseFacts['language'], Words>> = {
  en: {
    subject: 'A webhook is paused',
    why: {
      failing: 'nothing that was posted to it was taken for three days',
      gone: 'it answered 410 (Gone)',
    },
    text: (url, why, answer) => `The webhook endpoint

  ${url}

is paused: ${why}. Its last answer was: ${answer === '' ? '(none)' : answer}

Nothing is lost: what happened since waits in the log, for as long as the log is kept.
When the endpoint works again, let it go on in the console or with: hikyaku webhook resume
`,
  },
  ja: {
    subject: 'Webhookを一時停止しました',
    why: {
      failing: '3日間、送信したイベントが一度も受け取られませんでした',
      gone: '410（Gone）が返されました',
    },
    text: (url, why, answer) => `次のWebhook送信先を一時停止しました。

  ${url}

理由: ${why}
最後の応答: ${answer === '' ? '（なし）' : answer}

イベントは失われません。停止中のイベントはログの保存期間内であればログに残っています。
送信先が復旧したら、管理画面または次のコマンドで再開してください: hikyaku webhook resume
`,
  },
};

export function webhookNotice(facts: PauseFacts): Buffer {
  const { url, reason, answer, to, language, hostName, messageId, atMs } = facts;
  const { subject, why, text } = words[language];
  return compose({
    headers: [
      { name: 'From', addresses: parseAddresses(`Postmaster <postmaster@${hostName}>`) },
      { name: 'To', addresses: parseAddresses(to.join(', ')) },
      { name: 'Subject', text: subject },
      { name: 'Date', dateMs: atMs },
      { name: 'Message-ID', raw: `<${messageId}@${hostName}>` },
      { name: 'Auto-Submitted', raw: 'auto-generated' },
    ],
    body: { is: 'text', text: text(url, why[reason], answer) },
  });
}
