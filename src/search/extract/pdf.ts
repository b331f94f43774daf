/**
 * Text of PDF files, by pdf.js. Japanese ones often say only by the names of their character maps which characters they show: these come with the library.
 *
 * Nothing of a file is run, fetched or drawn.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const pagesMax = 2000;

/** Rejects when it is no PDF, or one that asks for a password. */
export async function pdfText(bytes: Uint8Array, charactersMax: number): Promise<string> {
  const { getDocument, VerbosityLevel } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const library = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const loading = getDocument({
    data: bytes,
    cMapUrl: join(library, 'cmaps/'),
    standardFontDataUrl: join(library, 'standard_fonts/'),
    useWorkerFetch: false,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    stopAtErrors: false,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    const document = await loading.promise;
    const pages: string[] = [];
    let length = 0;
    for (
      let number = 1;
      number <= Math.min(document.numPages, pagesMax) && length < charactersMax;
      number++
    ) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
      pages.push(text);
      length += text.length;
      page.cleanup();
    }
    return pages.join('\n');
  } finally {
    await loading.destroy();
  }
}
