/** What the server says to people, in the language that its capability LANGUAGE names (RFC 5804, 1.7). Programs read status and codes only. */

export type Language = 'en' | 'ja';

const words = {
  ready: ['ManageSieve server ready', 'ManageSieveサーバーの準備ができました'],
  bye: ['Bye', 'さようなら'],
  done: ['Done', '完了しました'],
  loggedIn: ['Logged in', 'ログインしました'],
  loggedOut: ['Logged out of the account; the connection stays', 'ログアウトしました。接続はそのままです'],
  beginTls: ['Begin TLS', 'TLSを開始してください'],
  tlsNotOffered: ['TLS is not available here', 'ここではTLSを使えません'],
  tlsFirst: ['Use STARTTLS first', '先にSTARTTLSを使ってください'],
  loginFirst: ['Log in first', '先にログインしてください'],
  loggedInAlready: ['Logged in already', 'すでにログインしています'],
  mechanismUnknown: ['This mechanism is not available', 'その認証方式は使えません'],
  notBase64: ['Not base64', 'Base64ではありません'],
  cancelled: ['Authentication cancelled', '認証を中止しました'],
  loginFailed: ['Wrong user name or password', 'ユーザー名またはパスワードが違います'],
  accountLocked: ['The account is locked for now', 'アカウントは一時的にロックされています'],
  loginTooOften: ['Too many attempts, try again later', '試行が多すぎます。後でもう一度お試しください'],
  loginFailures: ['Too many failed logins', 'ログインの失敗が多すぎます'],
  inUse: ['Too many sessions of this account', 'このアカウントの接続が多すぎます'],
  tryLater: ['Not possible now, try again later', '今は処理できません。後でもう一度お試しください'],
  unknownCommand: ['Unknown command', '不明なコマンドです'],
  badArguments: ['Wrong arguments', '引数が正しくありません'],
  malformed: ['Not a line of ManageSieve', 'ManageSieveの行ではありません'],
  tooManyErrors: ['Too many errors', 'エラーが多すぎます'],
  lineTooLong: ['Line too long', '行が長すぎます'],
  badLineEnd: ['Lines must end with CRLF', '行末はCRLFでなければなりません'],
  literalTooLong: ['The literal is too long', 'リテラルが大きすぎます'],
  noScript: ['There is no script by that name', 'その名前のスクリプトはありません'],
  scriptExists: ['There is a script by that name already', 'その名前のスクリプトはすでにあります'],
  scriptActive: ['The active script cannot be deleted', '有効なスクリプトは削除できません'],
  scriptName: ['This cannot be the name of a script', 'その名前は使えません'],
  scriptEmpty: ['The script is empty', 'スクリプトが空です'],
  scriptTooLarge: ['The script is too large', 'スクリプトが大きすぎます'],
  scriptsTooMany: ['There are too many scripts', 'スクリプトが多すぎます'],
  scriptsTooLarge: ['There is no room for more scripts', 'スクリプトを保存する空きがありません'],
} as const satisfies Record<string, readonly [en: string, ja: string]>;

export type Saying = keyof typeof words;

export const say = (language: Language, saying: Saying): string => words[saying][language === 'ja' ? 1 : 0];
