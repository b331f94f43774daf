/**
 * A text of a mail server as words that phrases can be looked for in: lower case, no accents, contractions written out, addresses as one word `@`, those of machines as `#`, other numbers left out.
 * Names of hosts and what stands in links are marked with `/`, so that `spam.example.com` does not say spam; `/.` ends a name. Scripts without spaces give one word for each character.
 */

/** Words of one text that are looked at: what decides stands in front. */
const tokensMax = 700;

const written: readonly (readonly [RegExp, string])[] = [
  [/[’‘`´]/g, "'"],
  [/\bcan(?:not|'t)\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/\bdont\b/g, 'do not'],
  [/n't\b/g, ' not'],
  [/'(?:s|re|ve|m|ll)\b/g, ''],
  [/\be-mail/g, 'email'],
  [/\bmail[- ]?box/g, 'mailbox'],
  [/\b(black|block|deny|grey|gray|white|allow)[- ]?list/g, '$1list'],
  [/\bgray/g, 'grey'],
  [/\bre-?directed/g, 'redirected'],
  [/\bunroute?able\b/g, 'unroutable'],
  [/\bover[- ]?quota\b/g, 'over quota'],
  [/\bnon[- ]?existent\b/g, 'nonexistent'],
  [/\blocal[- ]part\b/g, 'localpart'],
  [/\bhost[- ]?name/g, 'hostname'],
  [/\bspam-like\b/g, 'spam like'],
  [/\banti-?spam/g, 'antispam'],
  [/\brate[- ]limit/g, 'rate limit'],
];

const word =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー]|(?:https?:\/\/|www\.)[^\s<>"')\]]+|<?[^\s<>()[\]",;:@]{1,128}@[^\s<>()[\]",;:]{1,253}|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*/gu;

export function tokensOf(text: string): string[] {
  const found: string[] = [];
  for (const [one] of plain(text).matchAll(word)) {
    if (found.length >= tokensMax) break;
    addWord(one, found);
  }
  return found;
}

function plain(text: string): string {
  let line = text
    // A sentence that begins without a blank.
    .replace(/(\p{Ll})\.(?=\p{Lu})/gu, '$1. ')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();
  for (const [pattern, instead] of written) line = line.replace(pattern, instead);
  return line.replaceAll('ß', 'ss').replaceAll('ł', 'l').replaceAll('ø', 'o').replaceAll('đ', 'd');
}

function addWord(one: string, found: string[]): void {
  if (/^(?:https?:|www\.)/.test(one)) {
    for (const part of one.split(/[^\p{L}\p{N}_]+/u))
      if (isWord(part) && !part.startsWith('http')) found.push(`/${part}`);
  } else if (one.includes('@')) found.push('@');
  else if (/^[\d.]+$/.test(one) && one.includes('.') && one.split('.').length === 4) found.push('#');
  else if (isHost(one)) {
    for (const part of one.split('.')) if (isWord(part)) found.push(`/${part}`);
    found.push('/.');
  } else for (const part of one.split(/[.-]/)) if (isWord(part)) found.push(part);
}

const isWord = (part: string): boolean => part !== '' && !/^\d+$/.test(part);

/** Names with a label at the end that no sentence has. */
const isHost = (one: string): boolean =>
  /[a-z]/.test(one) &&
  (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.(?:[a-z]{2}|com|net|org|edu|gov|mil|info|biz|example|test|local|invalid)$/.test(
    one,
  ) ||
    /^(?:[a-z0-9_-]+\.){2,}[a-z0-9_-]+$/.test(one));
