/** What is suppressed for organisations that are gone: the rows, for both engines. */
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';

/** Organisations that have anything here. */
export const suppressionsOrgs = operation('suppression.orgs', function* (): Transaction<readonly string[]> {
  const found = yield* rows<{ org: string }>(
    'select org from suppression union select org from suppression_strike union select org from suppression_policy',
  );
  return found.map(({ org }) => org);
});

export const dropSuppressionsOfOrg = operation(
  'suppression.dropOrg',
  function* ({ org }: { readonly org: string }): Transaction<void> {
    for (const table of ['suppression', 'suppression_strike', 'suppression_policy'])
      yield* rows(`delete from ${table} where org = ?`, org);
  },
  { essential: true },
);
