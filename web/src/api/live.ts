/** What the server tells as it happens (SSE): events of the log, and lists that are told again every few seconds. */
import { useEffect, useRef, useState } from 'react';
import { adminBase } from './client.ts';

const notMoreThanMs = 1000;

/** What events touch is read again, not more than once in a while. Gives whether the stream is open. */
export function useLiveEvents(onEvents: () => void): boolean {
  const [live, setLive] = useState(false);
  const latest = useRef(onEvents);
  latest.current = onEvents;
  useEffect(() => {
    const source = new EventSource(`${adminBase}/log/stream`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.addEventListener('open', () => setLive(true));
    source.addEventListener('error', () => setLive(false));
    source.addEventListener('message', () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current();
      }, notMoreThanMs);
    });
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, []);
  return live;
}

/** The newest list that a stream has told, and whether the stream is open. */
export function useLiveList<T>(path: string): {
  readonly items: readonly T[] | undefined;
  readonly live: boolean;
} {
  const [items, setItems] = useState<readonly T[] | undefined>();
  const [live, setLive] = useState(false);
  useEffect(() => {
    const source = new EventSource(adminBase + path);
    source.addEventListener('open', () => setLive(true));
    source.addEventListener('error', () => setLive(false));
    source.addEventListener('message', ({ data }: MessageEvent<string>) =>
      setItems((JSON.parse(data) as { items: readonly T[] }).items),
    );
    return () => source.close();
  }, [path]);
  return { items, live };
}
