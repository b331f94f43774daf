/** Founding through a server that runs: its control socket instead of its store. */
import type { FoundingOffice } from '../../app/founding.ts';
import type { Account, DkimKeyAnswer, Domain, Org } from '../../app/admin-answers.ts';
import { ControlError, type Control } from '../control.ts';
import { admin, part } from '../desk.ts';

export function controlOffice(control: Control): FoundingOffice {
  const all = Number.MAX_SAFE_INTEGER;
  return {
    orgs: async () => (await control.list<Org>(`${admin}/orgs`, {}, all)).items,
    domains: async () => (await control.list<Domain>(`${admin}/domains`, {}, all)).items,
    ownerOf: async (org) => {
      const { items } = await control.list<Account>(`${admin}/orgs/${part(org)}/accounts`, {}, all);
      return items.find(({ roles }) => roles.includes('owner'))?.name;
    },
    hasAccount: async (address) =>
      (await orNothing(control.get(`${admin}/accounts/${part(address)}`))) !== undefined,
    makeOrg: async (body) => (await control.call<Org>('POST', `${admin}/orgs`, { body })).id,
    makeDomain: async (org, name) =>
      control.call('POST', `${admin}/orgs/${part(org)}/domains`, { body: { name } }),
    dkimOf: async (org, domain) => {
      const path = `${admin}/orgs/${part(org)}/domains/${part(domain)}/dkim`;
      const { items } = await control.get<{ items: readonly DkimKeyAnswer[] }>(path);
      return items.filter(({ state }) => state !== 'removed');
    },
    makeOwner: async (org, account) =>
      control.call('POST', `${admin}/orgs/${part(org)}/accounts`, { body: { ...account, roles: ['owner'] } }),
  };
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ControlError && error.status === 404) return undefined;
    throw error;
  }
}
