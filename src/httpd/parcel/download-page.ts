/** The page that a link leads to, in the language of the browser: what the file is, a password where one is asked for, and a button. It has no scripts. */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Parcel } from '../../parcel/parcels.ts';

const words = {
  en: {
    title: 'A file for you',
    gone: 'This link leads to nothing, or no longer',
    goneText:
      'It may have ended, been used as often as it could be, or been withdrawn. Ask the person who sent it.',
    until: (date: string) => `It can be fetched until ${date}.`,
    left: (count: number) =>
      count === 1 ? 'It can be fetched once more.' : `It can be fetched ${count} more times.`,
    password: 'Password',
    wrong: 'That is not the password.',
    tooMany: 'Too many wrong passwords. Try again in an hour.',
    fetch: 'Download',
    care: 'Open it only if you know who sent it.',
  },
  ja: {
    title: 'ファイルが届いています',
    gone: 'このリンクは使えません',
    goneText:
      '期限が切れたか、回数の上限に達したか、送信者が取り消した可能性があります。送信者にお問い合わせください。',
    until: (date: string) => `${date} まで受け取れます。`,
    left: (count: number) => `あと ${count} 回受け取れます。`,
    password: 'パスワード',
    wrong: 'パスワードが違います。',
    tooMany: 'パスワードの間違いが続いたため、受け付けを止めています。1 時間後にもう一度お試しください。',
    fetch: 'ダウンロード',
    care: '送信者に心当たりがある場合だけ開いてください。',
  },
} as const;

const style = `:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;background:#fbfaf7;color:#1d2430;font:16px/1.6 system-ui,"Noto Sans JP","Hiragino Sans","Yu Gothic UI",sans-serif}
main{box-sizing:border-box;width:min(30rem,100%);padding:2rem 1.5rem}h1{font-size:1.25rem;margin:0 0 1rem}.name{font-weight:600;overflow-wrap:anywhere}p{margin:.25rem 0}.soft{color:#596172;font-size:.875rem}
form{margin-top:1.5rem;display:grid;gap:.5rem}label{font-size:.875rem;font-weight:500}input{font:inherit;padding:.5rem .75rem;border:1px solid #8b93a3;border-radius:6px;background:#fff;color:inherit}
button{font:inherit;font-weight:600;padding:.625rem 1rem;border:0;border-radius:6px;background:#1f4e79;color:#fff;cursor:pointer}button:focus-visible,input:focus-visible{outline:2px solid #1f4e79;outline-offset:2px}.wrong{color:#b03920}
@media(prefers-color-scheme:dark){body{background:#16181c;color:#e8e6e1}.soft{color:#a9adb5}input{background:#1d2025;border-color:#7c8493}button{background:#2c6aa3}.wrong{color:#f08f79}}`;

/** Nothing runs, nothing is fetched; the one form comes back here. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

type Language = keyof typeof words;

const languageOf = ({ headers }: FastifyRequest): Language =>
  /^\s*ja\b/i.test(headers['accept-language'] ?? '') ? 'ja' : 'en';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const page = (language: Language, title: string, body: string): string =>
  `<!doctype html>\n<html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${escaped(title)}</title><style>${style}</style>\n<body><main><h1>${escaped(title)}</h1>${body}</main></body></html>\n`;

export function gonePage(request: FastifyRequest): string {
  const language = languageOf(request);
  const { gone, goneText } = words[language];
  return page(language, gone, `<p>${goneText}</p>`);
}

export function filePage(request: FastifyRequest, parcel: Parcel, problem?: 'wrong' | 'tooMany'): string {
  const language = languageOf(request);
  const say = words[language];
  const date = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: zoneOf(language),
  });
  const left =
    parcel.downloadsMax === null
      ? ''
      : `<p class="soft">${say.left(parcel.downloadsMax - parcel.downloads)}</p>`;
  const told = problem === undefined ? '' : `<p class="wrong" role="alert" id="wrong">${say[problem]}</p>`;
  const field = parcel.hasPassword
    ? `<label for="password">${say.password}</label><input id="password" name="password" type="password" required maxlength="200" autocomplete="off"${problem === undefined ? '' : ' aria-invalid="true" aria-describedby="wrong"'}>${told}`
    : '';
  return page(
    language,
    say.title,
    `<p class="name">${escaped(parcel.name)}</p><p class="soft">${bytesText(parcel.sizeBytes, language)}</p><p class="soft">${escaped(say.until(`${date.format(parcel.expiresAtMs)} (${zoneOf(language)})`))}</p>${left}<form method="post">${field}<button>${say.fetch}</button></form><p class="soft">${say.care}</p>`,
  );
}

/** The server does not know where its visitor is. */
const zoneOf = (language: Language): string => (language === 'ja' ? 'Asia/Tokyo' : 'UTC');

function bytesText(bytes: number, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step]!,
    unitDisplay: 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}
