/** Who changed what, and when. */
import { IconHistory } from '@tabler/icons-react';
import type { AuditRecord } from '../../../../src/httpd/admin-api/contract-caller.ts';
import { useList } from '../../api/lists.ts';
import { Facts } from '../../parts/Facts.tsx';
import { ListBody } from '../../parts/ListPage.tsx';
import { Drawer, Page } from '../../parts/Page.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { exactTime, When } from '../../parts/When.tsx';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

export function Audit() {
  const { t, language } = useWords('console/audit');
  const org = useOrg();
  const [filters, setFilters] = useFilters();
  const { q = '', open } = filters;
  const list = useList<AuditRecord>(`/orgs/${org}/audit`, { q });
  const chosen = list.rows.find(({ id }) => id === open);
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      drawer={
        chosen && (
          <Drawer title={chosen.action} onClose={() => setFilters({ open: '' })}>
            <Facts
              items={[
                [t('when'), exactTime(chosen.atMs, language)],
                [t('by'), chosen.by],
                [t('ip'), chosen.ip],
                [t('subject'), chosen.subject],
              ]}
            />
            <pre tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontSize: 12 }}>
              {JSON.stringify(chosen.detail, undefined, 2)}
            </pre>
          </Drawer>
        )
      }
    >
      <ListBody
        name="audit"
        list={list}
        searching={q !== ''}
        keyOf={({ id }) => id}
        selected={open}
        onOpen={({ id }) => setFilters({ open: id })}
        tools={<SearchField value={q} onChange={(text) => setFilters({ q: text })} label={t('search')} />}
        empty={{ icon: IconHistory, title: t('none'), text: t('noneText') }}
        columns={[
          {
            id: 'at',
            head: t('when'),
            width: '120px',
            cell: ({ atMs }) => <When atMs={atMs} />,
            value: ({ atMs }) => atMs,
          },
          {
            id: 'action',
            head: t('action'),
            width: 'minmax(150px, 0.8fr)',
            cell: ({ action }) => <code>{action}</code>,
            value: ({ action }) => action,
          },
          {
            id: 'subject',
            head: t('subject'),
            width: 'minmax(180px, 1.2fr)',
            cell: ({ subject }) => subject,
            value: ({ subject }) => subject,
          },
          {
            id: 'by',
            head: t('by'),
            width: 'minmax(160px, 1fr)',
            cell: ({ by }) => by,
            value: ({ by }) => by,
          },
          { id: 'ip', head: t('ip'), width: '130px', cell: ({ ip }) => ip, value: ({ ip }) => ip },
        ]}
      />
    </Page>
  );
}
