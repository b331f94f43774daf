/** What was read of the server, kept for a while and read again when it is looked at. */
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses, it refuses again; a network may come back.
      retry: (count, error) => !(error instanceof ApiError) && count < 2,
      refetchOnWindowFocus: true,
    },
  },
});
