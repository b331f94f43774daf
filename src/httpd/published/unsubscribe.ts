/**
 * Where readers of bulk mail say that they want no more of it: mailers by one click (RFC 8058: a POST without a person, cookies or redirects), people on a page with a button, for
 * what is only looked at (scanners of links, previews) must change nothing. What the link says is signed; it leads nowhere else.
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../admin-api/app.ts';
import type { PublishedParts } from '../parts.ts';

/** `List-Unsubscribe=One-Click`, as a form in either encoding. */
const bodyMaxBytes = 4096;
const hidden = { schema: { hide: true } } as const;

interface OfToken {
  Params: { token: string };
}

/** A plugin of its own: only here any form is taken. */
export function unsubscribeRoutes(app: App, published: PublishedParts): void {
  void app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyMaxBytes }, (_, body, done) =>
      done(null, body),
    );
    own.get<OfToken>('/unsubscribe/:token', hidden, async (request, reply) => {
      const about = await published.unsubscribe.read(request.params.token);
      const words = wordsFor(request);
      if (about === undefined) return page(reply, 404, words, words.unknown);
      return page(reply, 200, words, words.ask(about.address), true);
    });
    own.post<OfToken>('/unsubscribe/:token', hidden, async (request, reply) => {
      const oneClick = request.body instanceof Buffer && request.body.includes('One-Click');
      const about = await published.unsubscribe.take(
        request.params.token,
        oneClick ? 'one click' : 'on the page',
      );
      const words = wordsFor(request);
      if (about === undefined) return page(reply, 404, words, words.unknown);
      return page(reply, 200, words, words.done(about.address));
    });
  });
}

interface Words {
  readonly language: 'en' | 'ja';
  readonly title: string;
  readonly button: string;
  readonly unknown: string;
  ask(address: string): string;
  done(address: string): string;
}

const en: Words = {
  language: 'en',
  title: 'Unsubscribe',
  button: 'Unsubscribe',
  unknown: 'This link is not one of ours, or it is not whole.',
  ask: (address) => `No more of this mail to ${address}?`,
  done: (address) => `${address} gets no more of this mail. What is on its way already may still arrive.`,
};
const ja: Words = {
  language: 'ja',
  title: '配信停止',
  button: '配信を停止する',
  unknown: 'このリンクは無効か、途中で切れています。',
  ask: (address) => `${address} へのこのメールの配信を停止しますか？`,
  done: (address) => `${address} への配信を停止しました。すでに送信処理中のメールは届くことがあります。`,
};

const wordsFor = ({ headers }: FastifyRequest): Words =>
  /^\s*ja\b/i.test(headers['accept-language'] ?? '') ? ja : en;

const style =
  'body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;text-align:center}button{font:inherit;padding:.5rem 1.5rem}';
const styleHash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

// oxlint-disable-next-line max-params -- a page is this
function page(reply: FastifyReply, code: number, words: Words, text: string, asks = false): FastifyReply {
  const form = asks ? `<form method="post"><button>${words.button}</button></form>` : '';
  return reply
    .code(code)
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': policy, 'x-robots-tag': 'noindex' })
    .send(
      `<!doctype html><html lang="${words.language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
        `<title>${words.title}</title><style>${style}</style><main><p>${escaped(text)}</p>${form}</main></html>`,
    );
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => `&#${String(one.charCodeAt(0))};`);
