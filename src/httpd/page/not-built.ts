/** What a browser is shown when the page was not built: what to do about it, in both languages. */
import type { FastifyRequest } from 'fastify';

const words = {
  en: {
    title: 'The console is not built yet',
    text: 'The server runs, and mail flows. Its web page was not built: run <code>npm start</code> once, or <code>node scripts/web.mjs</code> in the folder of Hikyaku, then load this page again.',
  },
  ja: {
    title: '管理画面がまだビルドされていません',
    text: 'サーバーは動作しており、メールは配送されています。画面を使うには、Hikyaku のフォルダーで <code>npm start</code> または <code>node scripts/web.mjs</code> を一度実行してから、このページを再読み込みしてください。',
  },
} as const;

export function notBuilt({ headers }: FastifyRequest): string {
  const language = /^\s*ja\b/i.test(headers['accept-language'] ?? '') ? 'ja' : 'en';
  const { title, text } = words[language];
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<body style="font:16px/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;color:#1d2430;background:#fbfaf7"><h1 style="font-size:1.25rem">${title}</h1><p>${text}</p></body></html>\n`;
}
