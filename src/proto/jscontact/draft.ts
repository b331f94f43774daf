/** A Card that is being put together from the properties of a vCard. */
import { param, typesOf, unescapeText, type Vcard, type VcardProperty } from '../vcard/vcard.ts';
import type { Json } from './card.ts';

const idPattern = /^[A-Za-z0-9_-]{1,255}$/;

export class Draft {
  readonly vcard: Vcard;
  readonly card: Record<string, unknown> = {};
  readonly #labels = new Map<string, string>();

  constructor(vcard: Vcard) {
    this.vcard = vcard;
    for (const { group, name, value } of vcard.properties) {
      // Apple writes its own labels as `_$!<Work>!$_`.
      if (name === 'X-ABLABEL' && group !== '')
        this.#labels.set(group, unescapeText(value).replace(/^_\$!<(.*)>!\$_$/s, '$1'));
    }
  }

  list(name: string): Json[] {
    this.card[name] ??= [];
    return this.card[name] as Json[];
  }

  map(name: string): Record<string, unknown> {
    this.card[name] ??= {};
    return this.card[name] as Record<string, unknown>;
  }

  /** Under the id of the property (PROP-ID), or the next number of its letter. */
  add(name: string, property: VcardProperty, entry: object): string {
    const entries = this.map(name);
    const said = param(property, 'PROP-ID');
    let id = said !== undefined && idPattern.test(said) && !Object.hasOwn(entries, said) ? said : '';
    for (let next = Object.keys(entries).length + 1; id === ''; next++)
      if (!Object.hasOwn(entries, `${next}`)) id = `${next}`;
    entries[id] = entry;
    return id;
  }

  /** Contexts, preference and label (RFC 9555, 2.2). */
  contextual(property: VcardProperty): object {
    const types = typesOf(property);
    const contexts: Record<string, true> = {};
    if (types.includes('home')) contexts.private = true;
    if (types.includes('work')) contexts.work = true;
    const said = Number(param(property, 'PREF'));
    const pref =
      Number.isInteger(said) && said >= 1 && said <= 100 ? said : types.includes('pref') ? 1 : undefined;
    const label = property.group === '' ? undefined : this.#labels.get(property.group);
    return {
      ...(Object.keys(contexts).length > 0 && { contexts }),
      ...(pref !== undefined && { pref }),
      ...(label !== undefined && { label }),
    };
  }
}
