/** A page: its title, what one can do, and its sections. A drawer at the right keeps the page in place while one looks into a row. */
import { CloseButton } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useWords } from '../words.ts';
import css from './Page.module.css';

interface PageProps {
  readonly title: string;
  readonly text?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** A line length that reads well, for forms and texts. */
  readonly narrow?: boolean;
  readonly drawer?: ReactNode;
}

export function Page({ title, text, actions, children, narrow = false, drawer }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Hikyaku`;
  }, [title]);
  return (
    <div className={css['split']} data-open={drawer ? '' : undefined}>
      <main id="content" tabIndex={-1} className={css['page']} data-narrow={narrow || undefined}>
        <header className={css['head']}>
          <div>
            <h1>{title}</h1>
            {text !== undefined && <div className={css['lead']}>{text}</div>}
          </div>
          {actions && <div className={css['actions']}>{actions}</div>}
        </header>
        {children}
      </main>
      {drawer}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly text?: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, text, action, children }: SectionProps) {
  return (
    <section className={css['section']}>
      <header className={css['head']}>
        <div>
          <h2>{title}</h2>
          {text !== undefined && <p className={css['lead']}>{text}</p>}
        </div>
        {action && <div className={css['actions']}>{action}</div>}
      </header>
      {children}
    </section>
  );
}

interface DrawerProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

/** Beside the page where there is room; on a phone a page of its own. Esc closes it. */
export function Drawer({ title, onClose, children, actions }: DrawerProps) {
  const { t } = useWords('parts');
  const heading = useRef<HTMLHeadingElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) close.current();
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside className={css['drawer']} aria-label={title}>
      <header className={css['drawerHead']}>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <CloseButton aria-label={t('close')} onClick={onClose} />
      </header>
      <div className={css['drawerBody']}>{children}</div>
      {actions && <footer className={css['drawerFoot']}>{actions}</footer>}
    </aside>
  );
}
