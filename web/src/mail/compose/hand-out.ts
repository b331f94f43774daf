/** Large files by link: sent to the server in pieces, each again when it was lost on the way. */
import type { SharedFile, SharedFiles } from '../../../../src/httpd/admin-api/contract-file.ts';
import { ApiError, call } from '../../api/client.ts';
import { queryOptions } from '@tanstack/react-query';

export type { SharedFile };

const base = '/api/v1/files';
const triesMax = 4;
const againAfterMs = 1000;

export const sharedFilesKey = ['shared-files'] as const;

export const sharedFilesQuery = queryOptions({
  queryKey: sharedFilesKey,
  staleTime: 60_000,
  queryFn: ({ signal }) => call<SharedFiles>('GET', base, { signal }),
});

async function sendPiece(id: string, number: number, piece: Blob): Promise<void> {
  for (let tried = 1; ; tried++)
    try {
      const response = await fetch(`${base}/${id}/pieces/${number}`, {
        method: 'PUT',
        credentials: 'same-origin',
        headers: { 'x-hikyaku-page': '1', 'content-type': 'application/octet-stream' },
        body: piece,
      });
      if (response.ok) return;
      // What was refused for good is not asked again.
      if (response.status < 500 && response.status !== 429) throw new ApiError(response.status, undefined);
      if (tried === triesMax) throw new ApiError(response.status, undefined);
    } catch (error) {
      if (error instanceof ApiError || tried === triesMax) throw error;
    } finally {
      if (tried > 1) await new Promise((resolve) => setTimeout(resolve, againAfterMs * tried));
    }
}

/** `onProgress`: the part that has come, 0 to 1. */
export async function handOut(
  file: File,
  pieceBytes: number,
  onProgress: (part: number) => void,
): Promise<SharedFile> {
  const { id } = await call<SharedFile>('POST', base, { body: { name: file.name, size: file.size } });
  try {
    for (let at = 0, number = 0; at < file.size; at += pieceBytes, number++) {
      await sendPiece(id, number, file.slice(at, at + pieceBytes));
      onProgress(Math.min(1, (at + pieceBytes) / file.size));
    }
    return await call<SharedFile>('POST', `${base}/${id}/finish`, { body: {} });
  } catch (error) {
    await call('DELETE', `${base}/${id}`).catch(() => undefined);
    throw error;
  }
}

export interface LinkChange {
  readonly days?: number;
  readonly password?: string;
  readonly downloadsMax?: number | null;
}

export const changeLink = (id: string, change: LinkChange): Promise<SharedFile> =>
  call('PATCH', `${base}/${id}`, { body: change });

export const endLink = (id: string): Promise<void> => call('DELETE', `${base}/${id}`);

export const urlOf = ({ path }: SharedFile): string => location.origin + path;
