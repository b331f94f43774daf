/** Mail that filters keep back: what it is, why it is here, and what becomes of it. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { QuarantinedItem } from '../../../../src/httpd/admin-api/contract-filters.ts';
import { admin, adminBase, type PageOf } from '../../api/client.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Drawer, Page } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { bytesText, When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import css from './Quarantine.module.css';

type Deed = { readonly action: 'release' | 'delete'; readonly messages: readonly string[] };

export function Quarantine() {
  const { t } = useWords('console/quarantine');
  const [filters, setFilters] = useFilters();
  const may = useMay();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const { q = '', open } = filters;
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['quarantine', q],
    queryFn: () => admin.get<PageOf<QuarantinedItem>>('/quarantine', { limit: 200, sender: q }),
  });
  const deed = useDeed(() => setMarked(new Set()));
  const columns = useColumns();
  const rows = data?.items ?? [];
  const chosen = rows.find(({ message }) => message === open);
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={
        may('quarantine:write') &&
        marked.size > 0 && (
          <>
            <Button onClick={() => deed.mutate({ action: 'release', messages: [...marked] })}>
              {t('releaseMany', { count: marked.size })}
            </Button>
            <Button
              variant="default"
              color="shu"
              onClick={() => deed.mutate({ action: 'delete', messages: [...marked] })}
            >
              {t('deleteMany', { count: marked.size })}
            </Button>
          </>
        )
      }
      drawer={
        chosen && (
          <MailDrawer
            key={chosen.message}
            mail={chosen}
            onClose={() => setFilters({ open: '' })}
            onDeed={
              may('quarantine:write')
                ? (action) => deed.mutate({ action, messages: [chosen.message] })
                : undefined
            }
          />
        )
      }
    >
      {error && <ProblemBox error={error} retry={() => void refetch()} />}
      {isPending && <Lines />}
      {data && rows.length === 0 && q === '' && (
        <Empty icon={IconShieldCheck} title={t('none')} text={t('noneText')} />
      )}
      {data && (rows.length > 0 || q !== '') && (
        <DataTable
          name="quarantine"
          rows={rows}
          columns={columns}
          keyOf={({ message }) => message}
          selected={open}
          onOpen={({ message }) => setFilters({ open: message })}
          {...(may('quarantine:write') && { marked, onMark: setMarked })}
          tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} label={t('search')} />}
        />
      )}
    </Page>
  );
}

function useDeed(done: () => void) {
  const { t } = useWords('console/quarantine');
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ action, messages }: Deed) => {
      for (const message of messages) await admin.post(`/quarantine/${message}/${action}`, {});
    },
    onSuccess(_, { action, messages }) {
      toast({ text: t(`did.${action}`, { count: messages.length }), mood: 'good' });
      done();
    },
    onError: toastError,
    onSettled: () => void client.invalidateQueries({ queryKey: ['quarantine'] }),
  });
}

function useColumns(): readonly Column<QuarantinedItem>[] {
  const { t } = useWords('console/quarantine');
  return [
    {
      id: 'subject',
      head: t('subject'),
      width: 'minmax(200px, 1.6fr)',
      cell: ({ subject }) => subject || t('noSubject'),
      value: ({ subject }) => subject,
    },
    {
      id: 'sender',
      head: t('from'),
      width: 'minmax(170px, 1fr)',
      cell: ({ sender }) => sender || '<>',
      value: ({ sender }) => sender,
    },
    {
      id: 'recipients',
      head: t('to'),
      width: 'minmax(170px, 1fr)',
      cell: ({ recipients }) => recipients.join(', '),
      value: ({ recipients }) => recipients.join(' '),
    },
    {
      id: 'score',
      head: t('score'),
      width: '72px',
      align: 'end',
      cell: ({ score }) => score.toFixed(1),
      value: ({ score }) => score,
    },
    {
      id: 'at',
      head: t('since'),
      width: '104px',
      align: 'end',
      cell: ({ atMs }) => <When atMs={atMs} />,
      value: ({ atMs }) => atMs,
    },
    {
      id: 'until',
      head: t('until'),
      width: '104px',
      align: 'end',
      cell: ({ expiresAtMs }) => <When atMs={expiresAtMs} />,
      value: ({ expiresAtMs }) => expiresAtMs,
    },
  ];
}

interface MailDrawerProps {
  readonly mail: QuarantinedItem;
  readonly onClose: () => void;
  readonly onDeed: ((action: Deed['action']) => void) | undefined;
}

function MailDrawer({ mail, onClose, onDeed }: MailDrawerProps) {
  const { t, language } = useWords('console/quarantine');
  return (
    <Drawer
      title={mail.subject || t('noSubject')}
      onClose={onClose}
      actions={
        <>
          {onDeed && <Button onClick={() => onDeed('release')}>{t('release')}</Button>}
          {onDeed && (
            <Button variant="default" onClick={() => onDeed('delete')}>
              {t('delete')}
            </Button>
          )}
          <Button
            variant="subtle"
            component="a"
            href={`${adminBase}/quarantine/${mail.message}/text`}
            download={`${mail.message}.eml`}
          >
            {t('source')}
          </Button>
        </>
      }
    >
      <Facts
        items={[
          [t('from'), mail.sender || '<>'],
          [t('to'), mail.recipients.join(', ')],
          [t('size'), bytesText(mail.sizeBytes, language)],
          [t('since'), <When key="at" atMs={mail.atMs} />],
          [t('until'), <When key="until" atMs={mail.expiresAtMs} />],
          [
            t('journey'),
            <Link key="journey" to={`/console/journey/${mail.message}`}>
              {mail.message}
            </Link>,
          ],
        ]}
      />
      <h3 className={css['why']}>{t('why', { score: mail.score.toFixed(1) })}</h3>
      <ul className={css['rules']}>
        {mail.rules.map(({ rule, weight, detail }) => (
          <li key={rule}>
            <span data-bad={weight > 0 || undefined}>{weight > 0 ? `+${weight}` : weight}</span>
            <div>
              <code>{rule}</code>
              {detail !== '' && <p>{detail}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}
