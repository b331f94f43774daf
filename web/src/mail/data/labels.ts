/** Labels: keywords of mail, as IMAP and JMAP know them, that the owner has given a name and a colour. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Label } from '../../../../src/httpd/admin-api/contract-self-mail.ts';
import { admin } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';

export type { Label };

export const colours: readonly Label['colour'][] = [
  'grey',
  'blue',
  'green',
  'yellow',
  'red',
  'purple',
  'teal',
  'pink',
];

const labelsQuery = queryOptions({
  queryKey: ['labels'],
  queryFn: async ({ signal }) =>
    (await admin.get<{ items: readonly Label[] }>('/me/labels', undefined, signal)).items,
  staleTime: 300_000,
});

const none: readonly Label[] = [];

export function useLabels(): readonly Label[] {
  return useQuery(labelsQuery).data ?? none;
}

export async function saveLabels(items: readonly Label[]): Promise<void> {
  await admin.put('/me/labels', { items });
  queries.setQueryData(labelsQuery.queryKey, items);
}
