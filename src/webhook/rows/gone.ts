/** Endpoints of organisations that are gone: the rows, for both engines. */
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';

/** Organisations that have anything here. */
export const endpointsOrgs = operation('webhook.orgs', function* (): Transaction<readonly string[]> {
  const found = yield* rows<{ org: string }>('select distinct org from webhook_endpoint');
  return found.map(({ org }) => org);
});

export const dropEndpointsOfOrg = operation(
  'webhook.dropOrg',
  function* ({ org }: { readonly org: string }): Transaction<void> {
    for (const { id } of yield* rows<{ id: string }>('select id from webhook_endpoint where org = ?', org))
      for (const table of ['webhook_parked', 'webhook_dead', 'events.webhook_attempt'])
        yield* rows(`delete from ${table} where endpoint = ?`, id);
    yield* rows('delete from webhook_endpoint where org = ?', org);
  },
  { essential: true },
);
