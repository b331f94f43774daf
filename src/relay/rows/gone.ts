/** Templates of organisations that are gone: the rows, for both engines. */
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';

/** Organisations that have anything here. */
export const templatesOrgs = operation('relay.orgs', function* (): Transaction<readonly string[]> {
  const found = yield* rows<{ org: string }>(
    'select org from relay_template union select org from relay_requests',
  );
  return found.map(({ org }) => org);
});

export const dropTemplatesOfOrg = operation(
  'relay.dropOrg',
  function* ({ org }: { readonly org: string }): Transaction<void> {
    yield* rows('delete from relay_template where org = ?', org);
    yield* rows('delete from relay_requests where org = ?', org);
  },
  { essential: true },
);
