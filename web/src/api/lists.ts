/** Lists of the API, page by page. */
import { useInfiniteQuery, useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { toast, toastError } from '../parts/toasts.tsx';
import { admin, type PageOf, type Query } from './client.ts';

const pageItems = 200;

/** All of a list, its pages one after the other as they are asked for. */
export function useList<T>(path: string, query: Query = {}, options: { readonly refreshMs?: number } = {}) {
  const found = useInfiniteQuery({
    queryKey: ['list', path, query],
    queryFn: ({ pageParam, signal }) =>
      admin.get<PageOf<T>>(path, { limit: pageItems, ...query, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    ...(options.refreshMs !== undefined && { refetchInterval: options.refreshMs }),
  });
  const rows = found.data?.pages.flatMap(({ items }) => items) ?? [];
  return { ...found, rows };
}

interface Deed<A, R> {
  readonly run: (args: A) => Promise<R>;
  /** What is said when it is done; absent: nothing. */
  readonly said?: (result: R, args: A) => string;
  /** Leads back. */
  readonly undo?: (result: R, args: A) => (() => Promise<unknown>) | undefined;
  readonly done?: (result: R, args: A) => void;
  /** What is read again: the paths of lists; all lists unless told. */
  readonly changes?: QueryKey;
}

/** Changes something: says so with a way back, or what went wrong, and reads the lists again. */
export function useDeed<A, R = unknown>({ run, said, undo, done, changes = ['list'] }: Deed<A, R>) {
  const client = useQueryClient();
  const changed = () => void client.invalidateQueries({ queryKey: changes });
  return useMutation({
    mutationFn: run,
    onSuccess(result, args) {
      changed();
      done?.(result, args);
      const back = undo?.(result, args);
      if (said)
        toast({
          text: said(result, args),
          mood: 'good',
          ...(back && { undo: () => void back().then(changed, toastError) }),
        });
    },
    onError: toastError,
  });
}
