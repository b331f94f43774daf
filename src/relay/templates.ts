/**
 * Templates of an organisation. Each change makes a new version; mail uses the newest one, or the one it names, so that what was sent can be made again.
 */
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import type { TemplateTexts } from './renderer.ts';
import { deleteTemplate, listTemplates, putTemplate, templateOf } from './rows/template.ts';

export interface MailTemplate {
  readonly name: string;
  /** From 1. */
  readonly version: number;
  readonly texts: TemplateTexts;
  /** Mail whose insertions come out empty is refused. */
  readonly strict: boolean;
  /** What has changed, for people. */
  readonly note: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

export interface NewTemplate {
  readonly texts: TemplateTexts;
  readonly strict?: boolean;
  readonly note?: string;
}

const nameShape = /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/;

export class Templates {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The newest of each, by name. */
  async list(
    org: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<{ readonly items: readonly MailTemplate[]; readonly next: string | undefined }> {
    const found = await this.#store.scan(listTemplates, {
      org,
      after: page.after ?? '',
      limit: page.limit + 1,
    });
    const items = found.slice(0, page.limit);
    return { items, next: found.length > page.limit ? items.at(-1)!.name : undefined };
  }

  /** Refusal `notFound`. */
  async get(org: string, name: string, version?: number): Promise<MailTemplate> {
    const found = await this.#store.read(() => templateOf(org, name, version));
    if (!found) throw new Refusal('notFound', 'no such template', { at: 'template' });
    return found;
  }

  async put(org: string, name: string, input: NewTemplate, by: string): Promise<MailTemplate> {
    if (!nameShape.test(name))
      throw new Refusal('invalid', 'must be small letters, digits, dots, - or _', { at: 'name' });
    const { texts, strict = false, note = '' } = input;
    if (texts.text === undefined && texts.html === undefined)
      throw new Refusal('invalid', 'needs text or html', { at: 'text' });
    const facts = { texts, strict, note, createdBy: by, createdAtMs: this.#clock.nowMs() };
    const version = await this.#store.write(putTemplate, { org, name, ...facts });
    return { name, version, ...facts };
  }

  async delete(org: string, name: string): Promise<void> {
    await this.#store.write(deleteTemplate, { org, name });
  }
}
