/** The mail that tells the owner of an account, and the postmaster of its domain, that sending with one of its logins was paused. Pure. */
import type { Account } from '../directory/account.ts';
import { compose } from '../proto/mime/compose.ts';
import { parseAddresses } from '../proto/mime/address.ts';
import type { SendingPause } from '../policy/sending.ts';

export interface NoticeFacts {
  readonly pause: SendingPause;
  readonly account: Pick<Account, 'name' | 'language'>;
  readonly to: readonly string[];
  readonly hostName: string;
  readonly messageId: string;
  readonly atMs: number;
}

interface Words {
  readonly subject: (name: string) => string;
  readonly text: (name: string, login: string, signs: string) => string;
  readonly login: Readonly<Record<'password' | 'app' | 'key', string>>;
  readonly signs: Readonly<Record<'new network' | 'strangers' | 'bounces', string>>;
  readonly jump: (now: string, usual: string) => string;
}

const en: Words = {
  subject: (name) => `Sending is paused for ${name}`,
  text: (
    name,
    login,
    signs,
  ) => `Sending mail with a login of ${name} (${login}) is paused: it looks as if somebody else used it.

What was seen within a day:
${signs}

Mail can still be read. What was accepted before is in the queue as it was.

If it was not you: change the password, or remove the app password or API key, and look for mail that you did not send.
Then, or if it was you, an administrator lets it send again: hikyaku sending resume ${name}
`,
  login: { password: 'its password', app: 'an app password', key: 'an API key' },
  signs: {
    'new network': 'from a network that the account never sent from',
    strangers: 'mostly to people it never wrote to',
    bounces: 'much of it came back',
  },
  jump: (now, usual) => `${now} recipients; the most on a day before were ${usual}`,
};

const ja: Words = {
  subject: (name) => `${name} からの送信を一時停止しました`,
  text: (
    name,
    login,
    signs,
  ) => `${name} のログイン（${login}）によるメール送信を一時停止しました。他人が使っている疑いがあります。

直近1日の状況:
${signs}

メールの受信と閲覧はこれまでどおりできます。受け付け済みのメールは送信待ちのままです。

心当たりがない場合: パスワードを変更するか、アプリパスワードまたはAPIキーを削除し、身に覚えのない送信メールがないか確認してください。
その後、またはご本人による送信だった場合は、管理者が再開できます: hikyaku sending resume ${name}
`,
  login: { password: 'パスワード', app: 'アプリパスワード', key: 'APIキー' },
  signs: {
    'new network': 'これまで使われたことのないネットワークからの送信',
    strangers: 'ほとんどが初めての宛先',
    bounces: '不達が多い',
  },
  jump: (now, usual) => `宛先 ${now} 件（これまでの1日の最大は ${usual} 件）`,
};

export function sendingNotice({ pause, account, to, hostName, messageId, atMs }: NoticeFacts): Buffer {
  const words = account.language === 'ja' ? ja : en;
  const kind = pause.credential.split(':', 1)[0] ?? '';
  const login = kind in words.login ? words.login[kind as keyof Words['login']] : pause.credential;
  const signs = pause.why.split(', ').map((sign) => `- ${signText(sign, words)}`);
  return compose({
    headers: [
      { name: 'From', addresses: parseAddresses(`Postmaster <postmaster@${hostName}>`) },
      { name: 'To', addresses: parseAddresses(to.join(', ')) },
      { name: 'Subject', text: words.subject(account.name) },
      { name: 'Date', dateMs: atMs },
      { name: 'Message-ID', raw: `<${messageId}@${hostName}>` },
      { name: 'Auto-Submitted', raw: 'auto-generated' },
    ],
    body: { is: 'text', text: words.text(account.name, login, signs.join('\n')) },
  });
}

/** As `signsText` of policy/sending/signs.ts writes it. */
function signText(sign: string, words: Words): string {
  const jump = /^jump (\d+)\/(\d+)$/.exec(sign);
  if (jump) return words.jump(jump[1]!, jump[2]!);
  return sign in words.signs ? words.signs[sign as keyof Words['signs']] : sign;
}
