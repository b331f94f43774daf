/** Recipients as small cards. A comma, a full-width one, Enter or leaving the field makes a card of what is typed; lists from a table are taken apart. */
import { TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useDebouncedValue } from '@mantine/hooks';
import { jmap } from '../jmap/client.ts';
import type { EmailAddress, Id } from '../jmap/types.ts';
import { addressText, parseAddress } from './draft.ts';

interface RecipientsProps {
  readonly account: Id;
  readonly label: string;
  readonly value: readonly string[];
  readonly autoFocus?: boolean;
  readonly onChange: (value: readonly string[]) => void;
}

export function Recipients({ account, label, value, autoFocus = false, onChange }: RecipientsProps) {
  const [typed, setTyped] = useState('');
  const suggested = useSuggestions(account, typed);
  return (
    <TagsInput
      style={{ flex: 1 }}
      label={label}
      size="xs"
      data={suggested.filter((text) => !value.includes(text))}
      filter={({ options }) => options}
      value={[...value]}
      data-autofocus={autoFocus || undefined}
      autoFocus={autoFocus}
      searchValue={typed}
      onSearchChange={setTyped}
      splitChars={[',', '、', ';', '\n']}
      acceptValueOnBlur
      onChange={(texts) => onChange(texts.map((text) => tidied(text)))}
      aria-invalid={value.some((text) => parseAddress(text) === undefined)}
    />
  );
}

function tidied(text: string): string {
  const parsed = parseAddress(text);
  return parsed === undefined ? text.trim() : addressText(parsed);
}

const suggestionsMax = 8;

/** People with whom mail was exchanged. */
function useSuggestions(account: Id, typed: string): readonly string[] {
  const [word] = useDebouncedValue(typed.trim(), 150);
  const { data = [] } = useQuery({
    queryKey: ['people', account, word],
    enabled: word.length > 0,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const conditions = [{ from: word }, { to: word }];
      const { e } = await jmap(
        [
          [
            'Email/query',
            {
              accountId: account,
              filter: { operator: 'OR', conditions },
              sort: [{ property: 'receivedAt', isAscending: false }],
              limit: 40,
            },
            'q',
          ],
          [
            'Email/get',
            {
              accountId: account,
              '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' },
              properties: ['from', 'to', 'cc'],
            },
            'e',
          ],
        ],
        { signal },
      );
      const folded = word.toLowerCase();
      const people = new Map<string, string>();
      for (const { from, to, cc } of e!['list'] as readonly Record<
        'from' | 'to' | 'cc',
        readonly EmailAddress[] | null
      >[])
        for (const who of [...(from ?? []), ...(to ?? []), ...(cc ?? [])]) {
          const text = addressText(who);
          if (text.toLowerCase().includes(folded) && !people.has(who.email.toLowerCase()))
            people.set(who.email.toLowerCase(), text);
        }
      return [...people.values()].slice(0, suggestionsMax);
    },
  });
  return data;
}
