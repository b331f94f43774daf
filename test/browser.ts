/** Debian's Chromium, driven by tests of the page, and the page itself, built where it is not. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Why there is none; false: there is one. */
export const missingBrowser: string | false = existsSync(executablePath)
  ? false
  : 'Chromium is missing: apt-get install chromium';

/** Nothing of its own goes out: no updates, no services of its maker. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const built = spawnSync(process.execPath, ['scripts/web.mjs'], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the page could not be built: ${built.stdout}${built.stderr}`);
  // Names of downloads are of the locale.
  return chromium.launch({
    executablePath,
    args: flags,
    env: { ...process.env, LANG: 'C.UTF-8' },
  });
}

export interface Look {
  readonly language?: 'en' | 'ja';
  readonly phone?: boolean;
}

/** A window of its own. What the page says went wrong is gathered in `wrong`; `elsewhere` is what it asked of other hosts. */
export async function openPage(
  browser: Browser,
  base: string,
  { language = 'en', phone = false }: Look = {},
): Promise<{ readonly page: Page; readonly wrong: string[]; readonly elsewhere: string[] }> {
  const context = await browser.newContext({
    baseURL: base,
    locale: language,
    viewport: phone ? { width: 390, height: 800 } : { width: 1360, height: 860 },
  });
  const page = await context.newPage();
  const wrong: string[] = [];
  const elsewhere: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') wrong.push(line.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:|^wss?:/.test(url.protocol) && url.origin !== base) elsewhere.push(request.url());
  });
  return { page, wrong, elsewhere };
}

export async function signIn(page: Page, address: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('input[type=text], input[type=email], input:not([type])').first().fill(address);
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}
