/**
 * The built page in its folder: what may be served is the list of files that is there when it is opened, so that no path leads anywhere else.
 * Beside a file may lie what it is compressed, as `.br` and `.zst`. Files are small and few, and are kept in memory once they were asked for.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptedEncoding } from './encoding.ts';
import { pageHeaders } from './headers.ts';
import { notBuilt } from './not-built.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
const encodings = { zstd: '.zst', br: '.br' } as const;
type Encoding = keyof typeof encodings;

/** Files whose names have a hash of their content never change. */
const immutable = 'public, max-age=31536000, immutable';
const shellName = 'index.html';

export interface Page {
  /** Paths in the folder, with `/`. */
  readonly files: readonly string[];
  /** Answers with one of the files. */
  file(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** Answers with the page itself, which finds out from its address what it shows. */
  shell(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

export async function openPage(folder: string): Promise<Page> {
  const all = new Set(await filesBelow(folder));
  const kept = new Map<string, Promise<Buffer>>();
  const bytes = (path: string): Promise<Buffer> => {
    const known = kept.get(path) ?? readFile(join(folder, path));
    kept.set(path, known);
    return known;
  };
  const send = async (path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const there = (Object.keys(encodings) as Encoding[]).filter((each) => all.has(path + encodings[each]));
    const encoding = acceptedEncoding(request.headers['accept-encoding'], there);
    if (there.length > 0) reply.header('vary', 'accept-encoding');
    if (encoding !== undefined) reply.header('content-encoding', encoding);
    const content = await bytes(encoding === undefined ? path : path + encodings[encoding]);
    return reply.type(types[extname(path)] ?? 'application/octet-stream').send(content);
  };
  return {
    files: [...all].filter(
      (path) => !/\.(br|zst)$/.test(path) && path !== shellName && !path.startsWith('.'),
    ),
    async file(path, request, reply) {
      if (extname(path) === '.html') reply.headers(pageHeaders());
      reply.header('cache-control', path.startsWith('assets/') ? immutable : 'no-cache');
      return send(path, request, reply);
    },
    async shell(request, reply) {
      reply.headers(pageHeaders()).header('cache-control', 'no-cache');
      if (!all.has(shellName)) return reply.code(503).type(types['.html']!).send(notBuilt(request));
      return send(shellName, request, reply);
    },
  };
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((each) => each.isFile())
    .map((each) =>
      join(each.parentPath, each.name).slice(folder.length).replaceAll(sep, '/').replace(/^\//, ''),
    );
}
