/** Text to search by: told when one pauses, and at once by Enter. `/` leads here. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../words.ts';

interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly label?: string;
  readonly width?: number;
}

const pauseMs = 300;

export function SearchField({ value, onChange, label, width = 280 }: SearchFieldProps) {
  const { t } = useWords('parts');
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    if (text === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = text;
      onChange(text);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  const name = label ?? t('search');
  return (
    <TextInput
      data-search
      w={width}
      maw="100%"
      type="search"
      aria-label={name}
      placeholder={name}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      leftSection={<IconSearch size={16} stroke={1.5} />}
      rightSection={
        text !== '' && <CloseButton size="sm" aria-label={t('clear')} onClick={() => setText('')} />
      }
    />
  );
}
