/** Room that is taken, everything as one file, and mail from files. */
import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { queries } from '../../api/queries.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toastError } from '../../parts/toasts.tsx';
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { importFiles, type Importing } from '../data/import.ts';
import { inOrder, useAccount, useMailboxes, withRole } from '../data/mailboxes.ts';
import { jmap } from '../jmap/client.ts';
import { useMailboxName } from '../mailbox-name.ts';
import css from './settings.module.css';

export default function RoomTab() {
  return (
    <>
      <RoomSection />
      <ExportSection />
      <ImportSection />
      <SecuritySection />
    </>
  );
}

interface Quota {
  readonly id: string;
  readonly name: string;
  readonly resourceType: 'octets' | 'count';
  readonly used: number;
  readonly hardLimit: number;
}

function RoomSection() {
  const { t, language } = useWords('mail/settings');
  const account = useAccount();
  const mailboxes = useMailboxes();
  const { data, error, refetch } = useQuery({
    queryKey: ['mail', account, 'quota'],
    queryFn: async ({ signal }) => {
      const { q } = await jmap([['Quota/get', { accountId: account, ids: null }, 'q']], {
        using: ['urn:ietf:params:jmap:quota'],
        signal,
      });
      return q!['list'] as readonly Quota[];
    },
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  const number = new Intl.NumberFormat(language);
  const text = (quota: Quota, value: number): string =>
    quota.resourceType === 'octets' ? bytesText(value, language) : number.format(value);
  const messages = mailboxes.reduce((sum, { totalEmails }) => sum + totalEmails, 0);
  return (
    <Section title={t('room.title')}>
      {!data && <Lines count={2} />}
      <div className={css['stack']}>
        <p className={css['quiet']}>
          {t('room.messages', { count: messages, number: number.format(messages) })}
        </p>
        {data?.length === 0 && <p className={css['quiet']}>{t('room.noLimit')}</p>}
        {data?.map((quota) => (
          <div key={quota.id}>
            <p className={css['quiet']}>
              {t('room.used', {
                name: t(`quotas.${quota.name}`, { defaultValue: quota.name }),
                used: text(quota, quota.used),
                limit: text(quota, quota.hardLimit),
              })}
            </p>
            <div
              className={css['meter']}
              role="meter"
              aria-label={t(`quotas.${quota.name}`, { defaultValue: quota.name })}
              aria-valuemin={0}
              aria-valuemax={quota.hardLimit}
              aria-valuenow={quota.used}
            >
              <span style={{ width: `${Math.min(100, (100 * quota.used) / quota.hardLimit)}%` }} />
            </div>
          </div>
        ))}
      </div>
    </Section>
  );
}

function ExportSection() {
  const { t } = useWords('mail/settings');
  return (
    <Section
      title={t('export.title')}
      text={t('export.text')}
      action={
        <Button component="a" href="/api/v1/export" download variant="default">
          {t('export.get')}
        </Button>
      }
    >
      <p className={css['quiet']}>{t('export.what')}</p>
    </Section>
  );
}

function ImportSection() {
  const { t, language } = useWords('mail/settings');
  const account = useAccount();
  const mailboxes = useMailboxes();
  const nameOf = useMailboxName();
  const files = useRef<HTMLInputElement>(null);
  const [box, setBox] = useState(
    withRole(mailboxes, 'archive')?.id ?? withRole(mailboxes, 'inbox')?.id ?? '',
  );
  const [done, setDone] = useState<Importing | undefined>();
  const [busy, setBusy] = useState(false);
  const run = async (given: readonly File[]): Promise<void> => {
    if (given.length === 0) return;
    setBusy(true);
    try {
      await importFiles(account, box, { files: given, tell: setDone });
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ['mail', account] });
    }
  };
  return (
    <Section title={t('import.title')} text={t('import.text')}>
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
        <input
          ref={files}
          type="file"
          hidden
          multiple
          accept=".eml,.mbox,message/rfc822,application/mbox"
          aria-label={t('import.choose')}
          onChange={({ currentTarget }) => {
            void run([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
        <Button variant="default" loading={busy} onClick={() => files.current?.click()}>
          {t('import.choose')}
        </Button>
      </div>
      {done && (
        <p role="status">
          {t('import.done', { count: done.taken })}
          {done.known > 0 && ` ${t('import.known', { count: done.known })}`}
          {done.refused.length > 0 && ` ${t('import.refused', { count: done.refused.length })}`}
        </p>
      )}
    </Section>
  );
}

function SecuritySection() {
  const { t } = useWords('mail/settings');
  return (
    <Section title={t('security.title')} text={t('security.text')}>
      <Link to="/me">{t('security.go')}</Link>
    </Section>
  );
}
