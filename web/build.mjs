// Builds the page into dist/ and lays compressed copies beside what is worth it. Run by scripts/web.mjs, which knows when it is needed.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, zstdCompressSync } from 'node:zlib';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');
const texts = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest', '.txt', '.wasm']);
/** Below, the headers of the answer weigh more. */
const worthBytes = 600;

rmSync(dist, { recursive: true, force: true });
await build({ root: here, configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !texts.has(extname(file))) continue;
  const content = readFileSync(file);
  if (content.length < worthBytes) continue;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  writeFileSync(
    `${file}.zst`,
    zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  );
}
