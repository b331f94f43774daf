/** The path to p=reject, in the language of whoever sits at the terminal. */
import type { DmarcPath, DmarcSource } from '../../app/admin-answers.ts';
import type { Language } from '../language.ts';

type Obstacle = DmarcPath['obstacles'][number];

interface Words {
  readonly kinds: Readonly<Record<DmarcSource['kind'], string>>;
  readonly safe: string;
  readonly done: string;
  readonly notYet: string;
  readonly next: (record: string) => string;
  readonly obstacle: (obstacle: Obstacle) => string;
  readonly seen: (path: DmarcPath) => string;
  readonly refused: (path: DmarcPath) => string;
  readonly who: string;
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '0' : ((part / whole) * 100).toFixed(part === whole ? 0 : 1);

/** Mail of senders that are not the domain's: what reject is for. */
const unproven = ({ refused }: DmarcPath): number => (refused['unknown'] ?? 0) + (refused['forwarder'] ?? 0);

const en: Words = {
  kinds: {
    own: 'this server',
    aligned: 'sends for the domain and proves it',
    partly: 'proves the domain for a part of its mail: look at its set-up',
    service: 'sends in the name of the domain without its key: give it one (DKIM), or stop it',
    forwarder: 'hands on mail that others sent',
    unknown: 'proves nothing: forged, or a sender nobody has set up',
  },
  safe: 'p=reject is safe: all mail that is the domain’s proves it.',
  done: 'p=reject is published.',
  notYet: 'p=reject is not safe yet:',
  next: (record) => `Publish ${record} next, and look again in two weeks.`,
  obstacle: ({ is, days = 0, wanted = 0, kind, sourceIp = '', failed = 0 }) =>
    ({
      noRecord: 'The domain has no DMARC record, so nobody reports: see "hikyaku dns".',
      noReports: 'No reports have come in these days.',
      fewDays: `Reports are about ${days} days: wait until they are about ${wanted}.`,
      oneReporter: 'All reports come from one receiver: others may see other senders.',
      oldReports: `The last report is ${days} days old.`,
      source: `${sourceIp}: ${failed} messages would be refused (${kind === undefined ? '' : en.kinds[kind]}).`,
      unknownMuch: `${sourceIp} sends much (${failed} messages) and proves nothing: find out who it is.`,
    })[is],
  seen: ({ coverage, days }) =>
    `${coverage.reports} reports of ${coverage.reporters} receivers, ${days} days: ${coverage.messages} messages, ${percent(coverage.passed, coverage.messages)} % pass.`,
  refused: (path) =>
    `Refused would be ${unproven(path)} messages of senders that prove nothing or hand on mail.`,
  who: 'Who sends what does not pass:',
};

const ja: Words = {
  kinds: {
    own: 'このサーバー',
    aligned: 'ドメインの正当な送信元',
    partly: '一部のメールだけが認証に合格: 設定を確認してください',
    service: 'ドメインの鍵なしでドメイン名を使って送信: DKIM を設定するか、止めてください',
    forwarder: '他から送られたメールを転送',
    unknown: '何も証明されない: なりすまし、または未設定の送信元',
  },
  safe: 'p=reject にして安全です。ドメインのメールはすべて認証に合格しています。',
  done: 'p=reject を公開しています。',
  notYet: 'p=reject はまだ安全ではありません:',
  next: (record) => `次に ${record} を公開し、2週間後にもう一度確認してください。`,
  obstacle: ({ is, days = 0, wanted = 0, kind, sourceIp = '', failed = 0 }) =>
    ({
      noRecord: 'DMARC レコードがないため、報告が届きません。"hikyaku dns" を見てください。',
      noReports: 'この期間の報告はありません。',
      fewDays: `報告は ${days} 日分です。${wanted} 日分になるまで待ってください。`,
      oneReporter: '報告はすべて同じ受信側からです。他では別の送信元が見えるかもしれません。',
      oldReports: `最後の報告は ${days} 日前です。`,
      source: `${sourceIp}: ${failed} 通が拒否されます（${kind === undefined ? '' : ja.kinds[kind]}）。`,
      unknownMuch: `${sourceIp} は多く（${failed} 通）送っていますが、何も証明されません。誰か調べてください。`,
    })[is],
  seen: ({ coverage, days }) =>
    `受信側 ${coverage.reporters} 組織、報告 ${coverage.reports} 件、${days} 日分: ${coverage.messages} 通のうち ${percent(coverage.passed, coverage.messages)} % が合格。`,
  refused: (path) => `拒否されるのは、何も証明されないか転送された ${unproven(path)} 通です。`,
  who: '合格しないメールの送信元:',
};

export const reportWords: Readonly<Record<Language, Words>> = { en, ja };
