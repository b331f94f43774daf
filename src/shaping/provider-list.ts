/** The provider groups, for people and for those who check what people write. */
import { providerOf, providers } from './rules/providers.ts';

export interface ListedProvider {
  readonly name: string;
  readonly title: string;
  readonly hosts: readonly string[];
  readonly domains: readonly string[];
}

export const providerList: readonly ListedProvider[] = providers;
export const providerNames: ReadonlySet<string> = new Set(providers.map(({ name }) => name));

/** Whose a server is, by its name or by the domain that it takes mail for; the name of the provider, or `''`. */
export const providerOfServer = (host: string, domain: string): string =>
  providerOf(host === '' ? [] : [host.toLowerCase()], domain);

const titles = new Map(providers.map(({ name, title }) => [name, title]));

/** As people call it, or `''`. */
export const providerTitle = (name: string): string => titles.get(name) ?? '';
