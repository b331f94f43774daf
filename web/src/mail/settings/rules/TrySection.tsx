/** What the rules would do to mail that is here already, and doing it. */
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { TriedMails } from '../../../../../src/httpd/admin-api/contract-scripts.ts';
import { Section } from '../../../parts/Page.tsx';
import { toastError } from '../../../parts/toasts.tsx';
import { useWords } from '../../../words.ts';
import { fullName, inOrder, useMailboxes, withRole } from '../../data/mailboxes.ts';
import { runRules } from '../../data/rules.ts';
import { useMailboxName } from '../../mailbox-name.ts';
import type { RuleBook } from './rule.ts';
import css from '../settings.module.css';

type Tried = TriedMails['items'][number];

/** Messages of one trial, and of one request when it is done. */
const triedMax = 100;

interface Progress {
  readonly looked: number;
  readonly items: readonly Tried[];
  readonly done: boolean;
}

const nothing: Progress = { looked: 0, items: [], done: false };
const shownMax = 50;

export function TrySection({ book }: { readonly book: RuleBook }) {
  const { t, language } = useWords('mail/settings');
  const mailboxes = useMailboxes();
  const nameOf = useMailboxName();
  const [box, setBox] = useState(withRole(mailboxes, 'inbox')?.id ?? '');
  const [ran, setRan] = useState<{ is: 'try' | 'use'; progress: Progress } | undefined>();
  const [busy, setBusy] = useState<'try' | 'use' | undefined>();
  const run = async (is: 'try' | 'use'): Promise<void> => {
    setBusy(is);
    let progress = nothing;
    try {
      let before: number | undefined;
      do {
        const mailbox = fullName(mailboxes, box);
        const { items, next } = await runRules(is, { book, mailbox, language, before, limit: triedMax });
        const hit = items.filter(({ actions }) => actions.some(({ action }) => action !== 'kept'));
        const flagged = items.filter((each) => each.flags.length > 0 && !hit.includes(each));
        before = is === 'use' ? next : undefined;
        progress = {
          looked: progress.looked + items.length,
          items: [...progress.items, ...hit, ...flagged],
          done: before === undefined,
        };
        setRan({ is, progress });
      } while (before !== undefined);
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <Section title={t('try.title')} text={t('try.text')}>
      <div className={css['line']}>
        <NativeSelect
          className={css['grow']!}
          aria-label={t('rules.mailbox')}
          value={box}
          onChange={({ currentTarget: { value } }) => setBox(value)}
          data={inOrder(mailboxes, language).map(({ mailbox, depth }) => ({
            value: mailbox.id,
            label: `${'\u2003'.repeat(depth)}${nameOf(mailbox)}`,
          }))}
        />
        <Button
          variant="default"
          loading={busy === 'try'}
          disabled={busy === 'use'}
          onClick={() => void run('try')}
        >
          {t('try.try')}
        </Button>
        <Button
          variant="default"
          loading={busy === 'use'}
          disabled={busy === 'try'}
          onClick={() => void run('use')}
        >
          {t('try.use')}
        </Button>
      </div>
      {ran && <Results is={ran.is} progress={ran.progress} />}
    </Section>
  );
}

function Results({ is, progress }: { readonly is: 'try' | 'use'; readonly progress: Progress }) {
  const { t } = useWords('mail/settings');
  const { looked, items } = progress;
  return (
    <div aria-live="polite">
      <p>
        {t(is === 'try' ? 'try.would' : progress.done ? 'try.did' : 'try.doing', {
          looked,
          hit: items.length,
        })}
      </p>
      <ul className={css['list']}>
        {items.slice(0, shownMax).map((item) => (
          <li key={item.uid} className={css['row']}>
            <div className={css['what']}>
              <strong>{item.subject || t('try.noSubject')}</strong>
              <p>{item.from}</p>
              <p>
                {[
                  ...item.actions
                    .filter(({ action }) => action !== 'kept')
                    .map(({ action, detail, rule }) => `${t(`did.${action}`, { detail })} (${rule})`),
                  ...item.flags.map((flag) => t('did.flag', { flag })),
                ].join(' · ')}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {items.length > shownMax && (
        <p className={css['quiet']}>{t('try.more', { count: items.length - shownMax })}</p>
      )}
    </div>
  );
}
