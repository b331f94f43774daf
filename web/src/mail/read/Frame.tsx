/** HTML of a message in a frame without scripts, whose policy lets in nothing but styles that stand in it and pictures of ours. It is as high as what is in it. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { useWords } from '../../words.ts';

interface FrameProps {
  /** Sanitised. */
  readonly html: string;
  readonly onMailto: (url: string) => void;
}

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** Paper, always: mail is written for a white ground, and its own colours hold on no other. */
const sheet = `
html { overflow: hidden; background: #fff; }
body { margin: 0; padding: 4px 0; color: #1d2430; overflow-wrap: anywhere;
  font: 14px/1.6 ui-sans-serif, system-ui, "Noto Sans JP", "Hiragino Sans", "Yu Gothic UI", sans-serif; }
img { max-width: 100%; height: auto; }
img:not([src]):is([width="0"], [width="1"], [height="0"], [height="1"]) { display: none; }
img:not([src]) { min-width: 16px; min-height: 16px; border: 1px dashed #c9c5b9; }
table { max-width: 100%; }
pre { white-space: pre-wrap; }
blockquote { margin: 8px 0; padding-left: 12px; border-left: 3px solid #e2dfd6; color: #596172; }
a { color: #1f4e79; }
`;

const trusted = trustedDocuments();

export function Frame({ html, onMailto }: FrameProps) {
  const { t } = useWords('mail');
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(120);
  const mailto = useRef(onMailto);
  mailto.current = onMailto;
  const text = useMemo(
    () =>
      `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><style>${sheet}</style></head><body>${html}</body></html>`,
    [html],
  );
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    let observer: ResizeObserver | undefined;
    const onLoad = (): void => {
      const inner = element.contentDocument;
      if (!inner?.body) return;
      const measure = (): void => setHeight(Math.min(20_000, inner.documentElement.scrollHeight));
      observer = new ResizeObserver(measure);
      observer.observe(inner.body);
      measure();
      inner.addEventListener('click', (event) => {
        const link = (event.target as Element | null)?.closest('a');
        if (!link?.href.startsWith('mailto:')) return;
        event.preventDefault();
        mailto.current(link.href);
      });
    };
    element.addEventListener('load', onLoad);
    element.srcdoc = trusted(text) as string;
    return () => {
      observer?.disconnect();
      element.removeEventListener('load', onLoad);
    };
  }, [text]);
  return (
    <iframe
      ref={frame}
      title={t('body')}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      style={{ width: '100%', height, border: 0, borderRadius: 6, background: '#fff', display: 'block' }}
    />
  );
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML: (text: string) => string },
  ): { createHTML(text: string): unknown };
}

/** The page's policy lets texts become documents by this name alone (Trusted Types). */
function trustedDocuments(): (text: string) => unknown {
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  const made = types?.createPolicy('hikyaku', { createHTML: (text) => text });
  return (text) => made?.createHTML(text) ?? text;
}
