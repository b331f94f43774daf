/** Calls of JMAP (RFC 8620, 3): several methods in one request, the results by their call ids. */
import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Id, JmapSession, SetError, SetResponse } from './types.ts';

export const core = 'urn:ietf:params:jmap:core';
export const mail = 'urn:ietf:params:jmap:mail';
export const submission = 'urn:ietf:params:jmap:submission';

export type MethodCall = readonly [name: string, args: Readonly<Record<string, unknown>>, id: string];
type MethodAnswer = readonly [name: string, args: Record<string, unknown>, id: string];

export const jmapSession = queryOptions({
  queryKey: ['jmap', 'session'],
  queryFn: () => call<JmapSession>('GET', '/jmap/session'),
  staleTime: 300_000,
});

/** A method that failed, by the type of its error (RFC 8620, 3.6.2). */
export class MethodError extends Error {
  readonly type: string;

  constructor(type: string, description?: string) {
    super(description ?? type);
    this.name = 'MethodError';
    this.type = type;
  }
}

/** All or nothing: the first method that fails is thrown. */
export async function jmap(
  calls: readonly MethodCall[],
  { using = [mail], signal }: { using?: readonly string[]; signal?: AbortSignal } = {},
): Promise<Readonly<Record<string, Record<string, unknown>>>> {
  const { methodResponses } = await call<{ methodResponses: readonly MethodAnswer[] }>('POST', '/jmap/api', {
    body: { using: [core, ...using], methodCalls: calls },
    signal,
  });
  const answers: Record<string, Record<string, unknown>> = {};
  for (const [name, args, id] of methodResponses) {
    if (name === 'error')
      throw new MethodError(String(args['type']), args['description'] as string | undefined);
    // An implicit call (onSuccessUpdateEmail) answers with the id of the call that made it.
    answers[id] ??= args;
  }
  return answers;
}

/** What a `/set` did not do is thrown as the first reason. */
export function checked(answer: Record<string, unknown> | undefined): SetResponse {
  const done = answer as unknown as SetResponse;
  const refused: readonly (Readonly<Record<string, SetError>> | null | undefined)[] = [
    done.notCreated,
    done.notUpdated,
    done.notDestroyed,
  ];
  for (const each of refused) {
    const [first] = Object.values(each ?? {});
    if (first) throw new MethodError(first.type, first.description);
  }
  return done;
}

/** Our own path: the session's URLs are for clients elsewhere. */
export function downloadUrl(
  account: Id,
  part: { readonly blobId: Id | null; readonly name: string | null; readonly type: string },
): string {
  const name = encodeURIComponent(part.name ?? 'attachment');
  return `/jmap/download/${account}/${part.blobId ?? ''}/${name}?type=${encodeURIComponent(part.type)}`;
}

export interface Uploaded {
  readonly blobId: Id;
  readonly type: string;
  readonly size: number;
}

export async function upload(account: Id, file: Blob): Promise<Uploaded> {
  const response = await fetch(`/jmap/upload/${account}/`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'x-hikyaku-page': '1', 'content-type': file.type || 'application/octet-stream' },
    body: file,
  });
  if (!response.ok) throw new MethodError('uploadFailed', `HTTP ${response.status}`);
  return (await response.json()) as Uploaded;
}
