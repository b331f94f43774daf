/** What the server says to people, in the languages of LANG (RFC 6856, 3). Programs read only `+OK`, `-ERR` and the codes in brackets. */

/** Tags of RFC 5646 with the name of each language in itself. */
export const languages = { en: 'English', ja: '日本語' } as const;
export type Language = keyof typeof languages;

const words = {
  ready: ['POP3 server ready', 'POP3サーバーの準備ができました'],
  bye: ['Bye', 'さようなら'],
  ok: ['OK', '完了'],
  userOk: ['Send the password', 'パスワードを送ってください'],
  loggedIn: ['Logged in', 'ログインしました'],
  capabilities: ['Capability list follows', '機能の一覧です'],
  mechanisms: ['Mechanisms follow', '認証方式の一覧です'],
  languageList: ['Languages follow', '言語の一覧です'],
  languageSet: ['Speaking English', '日本語で応答します'],
  languageUnknown: ['Language is not available', 'その言語は使えません'],
  beginTls: ['Begin TLS', 'TLSを開始してください'],
  tlsNotOffered: ['TLS is not available here', 'ここではTLSを使えません'],
  tlsFirst: ['Use TLS first', '先にTLSを使ってください'],
  unknownCommand: ['Unknown command', '不明なコマンドです'],
  badArguments: ['Wrong arguments', '引数が正しくありません'],
  notNow: ['Not in this state', 'この状態では使えません'],
  userFirst: ['USER first', '先にUSERを送ってください'],
  mechanismUnknown: ['Mechanism is not available', 'その認証方式は使えません'],
  notBase64: ['Not base64', 'Base64ではありません'],
  cancelled: ['Authentication cancelled', '認証を中止しました'],
  loginFailed: ['Wrong user name or password', 'ユーザー名またはパスワードが違います'],
  accountLocked: ['Account is locked for now', 'アカウントは一時的にロックされています'],
  loginTooOften: ['Too many attempts, try again later', '試行が多すぎます。後でもう一度お試しください'],
  inUse: ['Too many sessions of this account', 'このアカウントの接続が多すぎます'],
  tryLater: ['Not possible now, try again later', '今は処理できません。後でもう一度お試しください'],
  notRemoved: ['Some deleted messages were not removed', '削除できなかったメッセージがあります'],
  noMessage: ['No such message', 'そのメッセージはありません'],
  messageGone: ['The message was removed meanwhile', 'メッセージはすでに削除されています'],
  deleted: ['Message will be deleted', 'メッセージを削除します'],
  lineTooLong: ['Line too long', '行が長すぎます'],
  badLineEnd: ['Lines must end with CRLF', '行末はCRLFでなければなりません'],
  tooManyErrors: ['Too many errors', 'エラーが多すぎます'],
} as const satisfies Record<string, readonly [en: string, ja: string]>;

export type Word = keyof typeof words;

export const wordsOf = (language: Language, word: Word): string => words[word][language === 'en' ? 0 : 1];

/** The language for a tag of the client: by its first subtag, `*` and `i-default` being English (RFC 6856, 3.2). */
export function languageFor(tag: string): Language | undefined {
  const first = tag.toLowerCase().split('-')[0]!;
  if (tag === '*' || tag.toLowerCase() === 'i-default') return 'en';
  return first === 'en' || first === 'ja' ? first : undefined;
}
