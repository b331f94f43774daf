/** The provider groups, for people and for those who check what people write. */
import { providers } from './rules/providers.ts';

export interface ListedProvider {
  readonly name: string;
  readonly title: string;
  readonly hosts: readonly string[];
  readonly domains: readonly string[];
}

export const providerList: readonly ListedProvider[] = providers;
export const providerNames: ReadonlySet<string> = new Set(providers.map(({ name }) => name));
