/** Webhooks: programs that are told what happens to mail; how that goes, what they refused, and telling it again. */
import { Button } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useState } from 'react';
import type { MadeWebhook, WebhookEndpoint } from '../../../../src/httpd/admin-api/contract-webhooks.ts';
import { admin } from '../../api/client.ts';
import { useDeed, useList } from '../../api/lists.ts';
import type { Column } from '../../parts/DataTable.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Page } from '../../parts/Page.tsx';
import { SecretModal } from '../../parts/Secret.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { EndpointDrawer } from './EndpointDrawer.tsx';
import { EndpointForm } from './EndpointForm.tsx';
import { healthOf } from './health.ts';

const refreshMs = 5000;

export function Webhooks() {
  const { t } = useWords('console/webhooks');
  const org = useOrg();
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | undefined>();
  const path = `/orgs/${org}/webhooks`;
  const list = useList<WebhookEndpoint>(path, {}, { refreshMs });
  const chosen = list.rows.find(({ id }) => id === filters['open']);
  const add = useDeed({
    run: (body: object) => admin.post<MadeWebhook>(path, body),
    said: ({ url }) => t('made', { url }),
    done: ({ id, secret: made }) => {
      setSecret(made);
      setFilters({ open: id });
    },
  });
  const button = may('webhooks:write') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={button}
      drawer={
        chosen && (
          <EndpointDrawer
            key={chosen.id}
            path={path}
            endpoint={chosen}
            onClose={() => setFilters({ open: '', tab: '' })}
            onSecret={setSecret}
          />
        )
      }
    >
      <ListBody
        name="webhooks"
        list={list}
        keyOf={({ id }) => id}
        selected={filters['open']}
        onOpen={({ id }) => setFilters({ open: id })}
        empty={{ icon: IconWebhook, title: t('none'), text: t('noneText'), action: button }}
        columns={useColumns()}
      />
      {adding && (
        <EndpointForm
          title={t('add')}
          submit={t('addSubmit')}
          onClose={() => setAdding(false)}
          onSubmit={(body) => add.mutateAsync(body)}
        />
      )}
      {secret !== undefined && (
        <SecretModal title={t('secret')} secret={secret} onClose={() => setSecret(undefined)} />
      )}
    </Page>
  );
}

function useColumns(): readonly Column<WebhookEndpoint>[] {
  const { t } = useWords('console/webhooks');
  return [
    {
      id: 'url',
      head: t('url'),
      width: 'minmax(240px, 1.6fr)',
      cell: ({ url }) => url,
      value: ({ url }) => url,
    },
    {
      id: 'state',
      head: t('state'),
      width: '170px',
      cell: (one) => {
        const { mood, word } = healthOf(one);
        return <Mark mood={mood}>{t(`states.${word}`)}</Mark>;
      },
      value: (one) => healthOf(one).word,
    },
    {
      id: 'description',
      head: t('description'),
      width: 'minmax(160px, 1fr)',
      cell: ({ description }) => description,
      value: ({ description }) => description,
    },
    {
      id: 'events',
      head: t('events'),
      width: 'minmax(160px, 1fr)',
      cell: ({ events }) => (events.length === 0 ? t('usual') : events.join(', ')),
      value: ({ events }) => events.join(' '),
    },
    {
      id: 'next',
      head: t('nextTry'),
      width: '120px',
      align: 'end',
      cell: ({ nextTryAtMs, tries }) => (tries === 0 ? '' : <When atMs={nextTryAtMs} />),
      value: ({ nextTryAtMs }) => nextTryAtMs,
    },
  ];
}
