/** The page in a real browser, on the real server: Debian's Chromium by playwright-core. Tests are skipped with a word where one of them is missing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { openStoreHost } from '../../src/app/open-store.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Role } from '../../src/directory/account.ts';
import { systemActor } from '../../src/directory/actor.ts';
import { Administration } from '../../src/directory/administration.ts';
import { password, RunningServer } from '../running-server.ts';

const chromiumPath = '/usr/bin/chromium';
const dist = join(import.meta.dirname, '../../web/dist/index.html');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Why tests of the page are skipped here. */
export const cannotBrowse: string | false = !existsSync(chromiumPath)
  ? 'Chromium is not installed (apt-get install chromium)'
  : !existsSync(dist)
    ? 'the page is not built (node scripts/web.mjs)'
    : false;

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

export const owner = 'owner@here.test';
export const reader = 'reader@here.test';
export const stranger = 'owner@there.test';
/** Resolves to an address where nobody listens: its mail waits. */
export const slow = 'slow.test';

export class World implements AsyncDisposable {
  readonly server: RunningServer;
  readonly browser: Browser;

  private constructor(server: RunningServer, browser: Browser) {
    this.server = server;
    this.browser = browser;
  }

  /** `more`: sections of the settings besides. */
  static async open(more: Readonly<Record<string, unknown>> = {}): Promise<World> {
    const server = await RunningServer.prepare({
      listeners: { http: {}, submission: {} },
      settings: {
        ...more,
        dns: {
          ...(more['dns'] as object | undefined),
          zone: [
            { name: slow, type: 'MX', data: `10 mx.${slow}` },
            { name: `mx.${slow}`, type: 'A', data: '127.0.0.77' },
          ],
        },
        delivery: { port: 9, ownNetworksAllowed: true },
      },
    });
    await makePeople(server);
    await server.begin();
    // Names of downloads are of the locale.
    const env = { ...process.env, LANG: 'C.UTF-8' };
    return new World(server, await chromium.launch({ executablePath: chromiumPath, args: flags, env }));
  }

  get base(): string {
    return `http://127.0.0.1:${this.server.port('http')}`;
  }

  /** A browser of its own: no cookies of others. What goes wrong in it is kept in `faults`. */
  async visitor(options: VisitorOptions = {}): Promise<Visitor> {
    const { language = 'en', phone = false, dark = false } = options;
    const context = await this.browser.newContext({
      baseURL: this.base,
      locale: language === 'ja' ? 'ja-JP' : 'en-GB',
      timezoneId: 'Asia/Tokyo',
      colorScheme: dark ? 'dark' : 'light',
      viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      reducedMotion: 'reduce',
    });
    return new Visitor(context, await context.newPage());
  }

  async send(to: string, subject: string, from = reader): Promise<void> {
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.server.port('submission'),
      tls: { rejectUnauthorized: false },
      auth: { user: from, pass: password },
    });
    await transport.sendMail({ from, to, subject, text: 'Hello' });
    transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.server[Symbol.asyncDispose]();
  }
}

export interface VisitorOptions {
  readonly language?: 'en' | 'ja';
  readonly phone?: boolean;
  readonly dark?: boolean;
}

export class Visitor implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts and refusals of the page's policy. */
  readonly faults: string[] = [];

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      const text = message.text();
      // What the server refuses is told by the browser as well: tests ask for refusals.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) this.faults.push(text);
    });
  }

  async signIn(name = owner): Promise<void> {
    const { page } = this;
    await page.goto('/sign-in');
    await page.fill('input[name=name]', name);
    await page.fill('input[name=password]', password);
    await page.click('button[type=submit]');
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  }

  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.page.locator('h1').first().waitFor();
  }

  /** What axe finds against WCAG 2.2 AA on the page as it stands. */
  async accessibilityFaults(): Promise<readonly string[]> {
    await this.page.evaluate(axeSource);
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Found> } };
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    assert.deepEqual(this.faults, []);
  }
}

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Two organisations: one that runs the server, with an owner and a reader; and another. */
async function makePeople(server: RunningServer): Promise<void> {
  await using host = await openStoreHost(server.settings, silentLog);
  const office = new Administration({ store: host.store, clock: systemClock });
  const make = async (
    org: Parameters<typeof office.domains.create>[1],
    name: string,
    roles: readonly Role[],
  ) => office.accounts.create(systemActor, org, { name, password, roles });
  const here = await office.orgs.create(systemActor, { name: 'Here', operator: true });
  await office.domains.create(systemActor, here.id, { name: 'here.test' });
  await make(here.id, owner, ['owner']);
  await make(here.id, reader, ['user']);
  await office.routes.create(
    systemActor,
    { org: here.id, kind: 'alias', address: 'shop@here.test' },
    { targets: [owner] },
  );
  const there = await office.orgs.create(systemActor, { name: 'There' });
  await office.domains.create(systemActor, there.id, { name: 'there.test' });
  await make(there.id, stranger, ['owner']);
}
