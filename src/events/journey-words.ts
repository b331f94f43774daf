/** The sentences of a journey, in each language. Both have the same keys: the compiler sees to it. */
import { authenticationWords, type AuthenticationWords } from './authentication-words.ts';
import type { Detour, EventData, FilterAction, SmtpPhase, TlsInfo, TlsPolicy } from './event.ts';
import { returnedWords, type ReturnedWords } from './returned-words.ts';
import { judgedWords, type JudgedWords } from './judged-words.ts';
import { filteredEn, filteredJa, ruleEn, ruleJa } from './filter-words.ts';
import { tlsEn, tlsJa, tlsPolicyEn, tlsPolicyJa } from './tls-policy-words.ts';

export type Language = 'en' | 'ja';

export interface Words {
  accepted(via: EventData['accepted']['via'], sender: string, peer: string): string;
  recipients(addresses: readonly string[]): string;
  about(subject: string, messageId: string, sizeBytes: number): string;
  signedIn(account: string): string;
  tls(tls: TlsInfo): string;
  tlsPolicy(policy: TlsPolicy): string;
  readonly detour: Readonly<Record<Detour, string>>;
  reply(reply: string): string;
  replyIn(reply: string, phase: SmtpPhase): string;
  means(plain: string): string;
  refused(peer: string, recipient: string): string;
  refusedMore(peer: string, count: number): string;
  attempted(destination: string, host: string, ip: string, port: number): string;
  unreached(destination: string, host: string, ip: string, port: number): string;
  dns(type: string, name: string, answer: readonly string[], ms: number): string;
  readonly reusedConnection: string;
  newConnection(localIp: string): string;
  took(ms: number, attempt: number): string;
  delivered(recipient: string, host: string, ip: string): string;
  deferred(recipient: string, host: string): string;
  nextTry(atMs: number, attempt: number): string;
  bounced(recipient: string, why: EventData['bounced']['why']): string;
  notified(about: EventData['notified']['about'], to: string): string;
  noticeId(id: string): string;
  stored(recipient: string, mailbox: string): string;
  howToRead(mailbox: string, uid: number): string;
  managed(action: EventData['managed']['action'], by: string, recipient: string): string;
  revised(milter: string, what: EventData['revised']['by'][number]['what']): string;
  putOff(untilMs: number): string;
  sendingLimit(limit: EventData['putOff']['limit'], perDay: number): string;
  redirected(recipient: string, why: EventData['redirected']['why']): string;
  readonly authenticated: AuthenticationWords;
  readonly judged: JudgedWords;
  readonly returned: ReturnedWords;
  filtered(action: FilterAction, recipient: string, detail: string): string;
  rule(by: string, script: string, rule: string, line: number): string;
}

/** Long recipient lists are cut in a headline's details: the log has them all. */
const addressesShown = 5;

const list = (items: readonly string[], more: (count: number) => string): string =>
  items.length <= addressesShown
    ? items.join(', ')
    : `${items.slice(0, addressesShown).join(', ')} ${more(items.length - addressesShown)}`;

const size = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
};

const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');

const en: Words = {
  accepted: (via, sender, peer) => {
    const from = sender === '' ? 'a notice (empty sender)' : sender;
    const how = {
      mx: `Received from another server (${peer})`,
      submission: `Submitted by a mailer (${peer})`,
      lmtp: `Handed over by LMTP (${peer})`,
      http: `Sent by the HTTP API (${peer})`,
      jmap: `Sent from the webmail or a JMAP client (${peer})`,
      relay: `Taken from a trusted network (${peer})`,
      system: 'Written by this server',
      local: 'Handed over within this server',
    };
    return `${how[via]}, from ${from}`;
  },
  recipients: (addresses) => `to ${list(addresses, (n) => `and ${n} more`)}`,
  about: (subject, messageId, bytes) =>
    `subject "${subject}", Message-ID ${messageId || 'none'}, ${size(bytes)}`,
  signedIn: (account) => `signed in as ${account}`,
  tls: tlsEn,
  tlsPolicy: tlsPolicyEn,
  detour: {
    port25Closed: 'by the smart host: port 25 is closed on the way out of here (OP25B)',
    unreachable: 'by the smart host: no server of the destination could be reached',
  },
  reply: (reply) => `reply: ${reply}`,
  replyIn: (reply, phase) => `reply ${phaseEn[phase]}: ${reply}`,
  means: (plain) => `this means: ${plain}`,
  refused: (peer, recipient) => `Refused ${recipient === '' ? 'mail' : `mail for ${recipient}`} from ${peer}`,
  refusedMore: (peer, count) =>
    `Refused ${count} more within a minute, ${peer === '' ? 'from many addresses' : `from ${peer}`}`,
  attempted: (destination, host, ip, port) =>
    host === ''
      ? `Looked for the server of ${destination}`
      : `Spoke with ${host} (${ip} port ${port}) for ${destination}`,
  unreached: (destination, host, ip, port) =>
    `Could not reach ${host} (${ip} port ${port}) for ${destination}`,
  dns: (type, name, answer, ms) => `DNS ${type} ${name}: ${answer.join('; ')} (${Math.round(ms)} ms)`,
  reusedConnection: 'over a connection kept from an earlier mail',
  newConnection: (localIp) => `over a new connection from ${localIp}`,
  took: (ms, attempt) => `took ${Math.round(ms)} ms${attempt > 1 ? `, try ${attempt}` : ''}`,
  delivered: (recipient, host, ip) => `Delivered for ${recipient}: ${host || ip} took it`,
  deferred: (recipient, host) =>
    `Waiting: ${recipient} could not be reached yet${host === '' ? '' : ` at ${host}`}`,
  nextTry: (atMs, attempt) =>
    `next try at ${clockTime(atMs)} UTC (tried ${attempt === 1 ? 'once' : `${attempt} times`})`,
  bounced: (recipient, why) =>
    `Given up for ${recipient}: ${{ refused: 'it was refused for good', expired: 'it could not be delivered in time', unroutable: 'there is no server for it', policy: 'a rule forbids it', loop: 'it goes round in a loop', suppressed: 'it is on the list of addresses that get no mail, and was not tried', unanswered: 'the whole mail was sent, and no answer came: it may have arrived' }[why]}`,
  notified: (about, to) =>
    `${{ failure: 'A notice of failure', delay: 'A notice of delay', success: 'A receipt', relayed: 'A notice that it was passed on', expanded: 'A notice that it was passed on to several' }[about]} was sent to ${to}`,
  noticeId: (id) => `its own journey: ${id}`,
  stored: (recipient, mailbox) => `In the mailbox "${mailbox}" of ${recipient}`,
  howToRead: (mailbox, uid) => `to be read by IMAP (mailbox ${mailbox}, UID ${uid}), POP3 and webmail`,
  managed: (action, by, recipient) =>
    `${{ held: 'Held', released: 'Released', retried: 'Tried again at once', deleted: 'Deleted from the queue', cancelled: 'Taken back before its time', moved: 'Moved to another time' }[action]}${recipient === '' ? '' : ` (${recipient})`} by ${by}`,
  revised: (milter, what) =>
    `Changed by ${milter}: ${what.map((part) => ({ header: 'header', body: 'body', sender: 'sender of the envelope', recipients: 'recipients' })[part]).join(', ')}`,
  putOff: (untilMs) => `Put off: it goes at ${clockTime(untilMs)} UTC by itself`,
  sendingLimit: (limit, perDay) =>
    `${{ account: 'the account', credential: 'the app password or API key', org: 'the organisation' }[limit]} may send to ${perDay} recipients in a day`,
  redirected: (recipient, why) =>
    `${recipient} is ${{ alias: 'an alias', group: 'a group', forward: 'forwarded', catchAll: 'caught by the catch-all', rule: 'sent on by a rule', returnPath: 'the return path of mail that was sent on', hook: 'handed to a program' }[why]}`,
  authenticated: authenticationWords.en,
  judged: judgedWords.en,
  returned: returnedWords.en,
  filtered: filteredEn,
  rule: ruleEn,
};

const phaseEn: Readonly<Record<SmtpPhase, string>> = {
  dns: 'of DNS',
  connect: 'while connecting',
  banner: 'as greeting',
  ehlo: 'to EHLO',
  tls: 'while encrypting',
  auth: 'to the login',
  mail: 'to the sender (MAIL FROM)',
  rcpt: 'to the recipient (RCPT TO)',
  data: 'to DATA',
  dot: 'after the whole mail',
};

const ja: Words = {
  accepted: (via, sender, peer) => {
    const from = sender === '' ? '通知（差出人なし）' : sender;
    const how = {
      mx: `他のサーバー（${peer}）から受信`,
      submission: `メールソフト（${peer}）から送信受付`,
      lmtp: `LMTP（${peer}）で受け取り`,
      http: `HTTP API（${peer}）で送信受付`,
      jmap: `Webメール・JMAP（${peer}）から送信受付`,
      relay: `信頼するネットワーク（${peer}）から受付`,
      system: 'このサーバーが作成',
      local: 'このサーバー内で受け渡し',
    };
    return `${how[via]}。差出人 ${from}`;
  },
  recipients: (addresses) => `宛先 ${list(addresses, (n) => `ほか${n}件`)}`,
  about: (subject, messageId, bytes) =>
    `件名「${subject}」、Message-ID ${messageId || 'なし'}、${size(bytes)}`,
  signedIn: (account) => `${account} として認証済み`,
  tls: tlsJa,
  tlsPolicy: tlsPolicyJa,
  detour: {
    port25Closed: 'スマートホスト経由で送信: この回線では外向きの 25 番ポートが閉じられています（OP25B）',
    unreachable: 'スマートホスト経由で送信: 宛先のサーバーに接続できませんでした',
  },
  reply: (reply) => `応答: ${reply}`,
  replyIn: (reply, phase) => `応答（${phaseJa[phase]}）: ${reply}`,
  means: (plain) => `意味: ${plain}`,
  refused: (peer, recipient) =>
    `${peer} からの${recipient === '' ? 'メール' : ` ${recipient} 宛メール`}を拒否`,
  refusedMore: (peer, count) =>
    `${peer === '' ? '多数のアドレス' : peer} からほかに${count}件を1分以内に拒否`,
  attempted: (destination, host, ip, port) =>
    host === ''
      ? `${destination} のサーバーを検索`
      : `${destination} のサーバー ${host}（${ip} ポート ${port}）と通信`,
  unreached: (destination, host, ip, port) =>
    `${destination} のサーバー ${host}（${ip} ポート ${port}）に接続できませんでした`,
  dns: (type, name, answer, ms) => `DNS ${type} ${name}: ${answer.join('; ')}（${Math.round(ms)} ms）`,
  reusedConnection: '前のメールから続けて使っている接続で送信',
  newConnection: (localIp) => `${localIp} からの新しい接続で送信`,
  took: (ms, attempt) => `所要 ${Math.round(ms)} ms${attempt > 1 ? `、${attempt}回目` : ''}`,
  delivered: (recipient, host, ip) => `${recipient} へ配送完了: ${host || ip} が受け取りました`,
  deferred: (recipient, host) =>
    `待機中: ${recipient} へまだ届けられません${host === '' ? '' : `（${host}）`}`,
  nextTry: (atMs, attempt) => `次の試行 ${clockTime(atMs)} UTC（これまで${attempt}回）`,
  bounced: (recipient, why) =>
    `${recipient} への配送を断念: ${{ refused: '相手が受け取りを拒否しました', expired: '期限までに届けられませんでした', unroutable: '宛先のサーバーがありません', policy: '規則により送れません', loop: '配送が循環しています', suppressed: '送信停止リストにあるため送信していません', unanswered: '本文の送信後に応答がありませんでした（届いている可能性があります）' }[why]}`,
  notified: (about, to) =>
    `${{ failure: '不達通知', delay: '遅延通知', success: '配送完了通知', relayed: '中継通知', expanded: '複数の宛先への転送通知' }[about]}を ${to} へ送信`,
  noticeId: (id) => `通知の経路: ${id}`,
  stored: (recipient, mailbox) => `${recipient} のメールボックス「${mailbox}」に保存`,
  howToRead: (mailbox, uid) => `IMAP（メールボックス ${mailbox}、UID ${uid}）、POP3、Webメールで読めます`,
  managed: (action, by, recipient) =>
    `${by} が${recipient === '' ? '' : ` ${recipient} を`}${{ held: '保留', released: '保留解除', retried: '即時再試行', deleted: 'キューから削除', cancelled: '送信前に取り消し', moved: '送信時刻を変更' }[action]}`,
  revised: (milter, what) =>
    `${milter} が変更: ${what.map((part) => ({ header: 'ヘッダー', body: '本文', sender: 'エンベロープの差出人', recipients: '宛先' })[part]).join('、')}`,
  putOff: (untilMs) => `送信上限のため待機: ${clockTime(untilMs)} UTC に自動的に送信`,
  sendingLimit: (limit, perDay) =>
    `${{ account: 'アカウント', credential: 'アプリパスワードまたはAPIキー', org: '組織' }[limit]}の上限は1日 ${perDay} 宛先`,
  redirected: (recipient, why) =>
    `${recipient} は${{ alias: '別名', group: 'グループ', forward: '転送設定', catchAll: 'キャッチオール', rule: '振り分けルールで転送', returnPath: '転送したメールの返送先', hook: 'プログラムへの受け渡し' }[why]}`,
  authenticated: authenticationWords.ja,
  judged: judgedWords.ja,
  returned: returnedWords.ja,
  filtered: filteredJa,
  rule: ruleJa,
};

const phaseJa: Readonly<Record<SmtpPhase, string>> = {
  dns: 'DNS',
  connect: '接続中',
  banner: '挨拶',
  ehlo: 'EHLO',
  tls: '暗号化',
  auth: '認証',
  mail: '差出人 MAIL FROM',
  rcpt: '宛先 RCPT TO',
  data: 'DATA',
  dot: '本文送信後',
};

export const words: Readonly<Record<Language, Words>> = { en, ja };
