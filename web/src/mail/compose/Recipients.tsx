/** Recipients as small cards. A comma, a full-width one, Enter or leaving the field makes a card of what is typed; lists from a table are taken apart; a group becomes its people. */
import { TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { toastError } from '../../parts/toasts.tsx';
import type { Id } from '../jmap/types.ts';
import { addressText, parseAddress } from './draft.ts';
import { membersOf, peopleLike, type Suggestion } from './people.ts';

interface RecipientsProps {
  readonly account: Id;
  readonly label: string;
  readonly value: readonly string[];
  readonly autoFocus?: boolean;
  readonly onChange: (value: readonly string[]) => void;
}

const none: readonly Suggestion[] = [];

export function Recipients({ account, label, value, autoFocus = false, onChange }: RecipientsProps) {
  const [typed, setTyped] = useState('');
  const [word] = useDebouncedValue(typed.trim(), 150);
  const groups = useRef(new Map<string, readonly string[]>());
  const { data: suggested = none } = useQuery({
    queryKey: ['people', account, word],
    enabled: word.length > 0,
    staleTime: 60_000,
    queryFn: ({ signal }) => peopleLike(account, word, signal),
  });
  for (const { text, members } of suggested) if (members !== undefined) groups.current.set(text, members);
  const change = (texts: readonly string[]): void => {
    const group = texts.find((text) => groups.current.has(text));
    if (group === undefined) return onChange([...new Set(texts.map(tidied))]);
    const rest = texts.filter((text) => text !== group).map(tidied);
    membersOf(account, groups.current.get(group)!).then(
      (people) => onChange([...new Set([...rest, ...people])]),
      toastError,
    );
  };
  return (
    <TagsInput
      style={{ flex: 1 }}
      label={label}
      size="xs"
      data={suggested.map(({ text }) => text).filter((text) => !value.includes(text))}
      filter={({ options }) => options}
      value={[...value]}
      data-autofocus={autoFocus || undefined}
      autoFocus={autoFocus}
      searchValue={typed}
      onSearchChange={setTyped}
      splitChars={[',', '、', '，', ';', '；', '\n']}
      acceptValueOnBlur
      onChange={change}
      aria-invalid={value.some((text) => parseAddress(text) === undefined)}
    />
  );
}

function tidied(text: string): string {
  const parsed = parseAddress(text);
  return parsed === undefined ? text.trim() : addressText(parsed);
}
