/** Filters live in the address, as plain `name=value`: an address can be read, kept and sent to a colleague. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export function parseFilters(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeFilters(filters: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters))
    if (value !== undefined && value !== null && value !== '') params.set(name, value as string);
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

type Filters = Readonly<Record<string, string | undefined>>;

/** The filters of this page, and a way to change some of them. An empty text takes one away. */
export function useFilters(): readonly [Filters, (change: Filters) => void] {
  const filters = useSearch({ strict: false }) as Filters;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Filters) =>
      void navigate({
        to: '.',
        replace: true,
        search: ((before: Filters) => {
          const next = { ...before, ...change };
          return Object.fromEntries(
            Object.entries(next).filter(([, value]) => value !== undefined && value !== ''),
          );
        }) as never,
      }),
    [navigate],
  );
  return [filters, set];
}
