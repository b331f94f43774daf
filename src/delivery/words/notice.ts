/** The text of notices, in English and Japanese, plain enough for anyone. */
import type { EventData } from '../../events/event.ts';

type About = EventData['notified']['about'];

export interface NoticeWords {
  readonly from: string;
  readonly subject: Readonly<Record<About, string>>;
  readonly opening: Readonly<Record<About, string>>;
  /** Instead of the opening, to whoever hears of notices that came back. */
  readonly ownNotice: string;
  readonly yourMessage: (subject: string, date: string) => string;
  readonly whatHappened: string;
  readonly whatToDo: string;
  readonly serverSaid: (host: string) => string;
  readonly weFound: string;
  readonly retryUntil: (date: string) => string;
  readonly deliverBy: (date: string) => string;
  readonly noAnswerNeeded: string;
  readonly relayed: string;
  readonly expired: string;
  readonly closing: Readonly<Record<'full' | 'headers', string>>;
  readonly date: (atMs: number) => string;
}

export const noticeWords: Readonly<Record<'en' | 'ja', NoticeWords>> = {
  en: {
    from: 'Mail Delivery System',
    subject: {
      failure: 'Not delivered',
      delay: 'Delayed',
      success: 'Delivered',
      relayed: 'Handed on',
      expanded: 'Passed on to several',
    },
    opening: {
      failure: 'Your message could not be delivered to:',
      delay:
        'Your message has not been delivered yet. You need not send it again: it is tried further. It is for:',
      success: 'Your message was put into the mailbox of:',
      relayed: 'Your message was handed on to another server for:',
      expanded: 'Your message was passed on to all who get the mail of:',
    },
    ownNotice: 'A notice of this server, which has no sender, could not be delivered to:',
    yourMessage: (subject, date) => `Your message: "${subject}", sent ${date}`,
    whatHappened: 'What happened',
    whatToDo: 'What to do',
    serverSaid: (host) => `What the server ${host} said`,
    weFound: 'What we found',
    retryUntil: (date) => `It is tried until ${date}.`,
    deliverBy: (date) => `You asked for it to be delivered by ${date}.`,
    noAnswerNeeded: 'This notice was written by a program; nobody reads answers to it.',
    relayed: 'That server does not tell what becomes of it, so no further notice will come.',
    expired: 'It was tried until its time was up.',
    closing: { full: 'Your message is attached.', headers: 'The header of your message is attached.' },
    date: (atMs) => new Date(atMs).toUTCString().replace('GMT', 'UTC'),
  },
  ja: {
    from: 'メール配信システム',
    subject: {
      failure: '届けられませんでした',
      delay: '配達が遅れています',
      success: '届きました',
      relayed: '別のサーバーに渡しました',
      expanded: '複数の宛先に渡しました',
    },
    opening: {
      failure: '次の宛先にメールを届けられませんでした。',
      delay: '次の宛先にメールがまだ届いていません。自動的に再送を続けますので、送り直す必要はありません。',
      success: '次の宛先のメールボックスにメールが届きました。',
      relayed: '次の宛先のメールを別のサーバーに渡しました。',
      expanded: '次の宛先のメールを、その宛先に登録されている全員に渡しました。',
    },
    ownNotice: 'このサーバーからのお知らせ（差出人なし）を次の宛先に届けられませんでした。',
    yourMessage: (subject, date) => `お送りになったメール: 「${subject}」（${date}）`,
    whatHappened: '何が起きたか',
    whatToDo: 'どうすればよいか',
    serverSaid: (host) => `相手のサーバー ${host} の返答`,
    weFound: 'こちらで分かったこと',
    retryUntil: (date) => `${date} まで再送を続けます。`,
    deliverBy: (date) => `${date} までの配達をご希望でした。`,
    noAnswerNeeded: 'このお知らせはプログラムが作成しました。返信しても読まれません。',
    relayed: 'そのサーバーは配達の結果を知らせないため、これ以上のお知らせはありません。',
    expired: '期限まで再送を続けました。',
    closing: {
      full: 'お送りになったメールを添付します。',
      headers: 'お送りになったメールのヘッダーを添付します。',
    },
    date: (atMs) =>
      new Intl.DateTimeFormat('ja-JP', {
        dateStyle: 'long',
        timeStyle: 'short',
        timeZone: 'Asia/Tokyo',
      }).format(atMs),
  },
};
