/** What programs send with and get mail by: streams, networks and certificates, routes of mail to programs, domains of bounces and links; and how to connect. */
import { Tabs } from '@mantine/core';
import { Page } from '../../parts/Page.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { Connect } from './Connect.tsx';
import { Inbound } from './Inbound.tsx';
import { SendingDomains } from './SendingDomains.tsx';
import { Streams } from './Streams.tsx';
import { Submitters } from './Submitters.tsx';

const tabs = {
  connect: { permission: 'messages:read', body: Connect },
  streams: { permission: 'messages:read', body: Streams },
  submitters: { permission: 'keys:read', body: Submitters },
  inbound: { permission: 'messages:read', body: Inbound },
  domains: { permission: 'messages:read', body: SendingDomains },
} as const;
type Tab = keyof typeof tabs;

export function Programs() {
  const { t } = useWords('console/programs');
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const seen = (Object.keys(tabs) as Tab[]).filter((name) => may(tabs[name].permission));
  return (
    <Page title={t('title')} text={t('lead')}>
      <Tabs
        value={filters['tab'] ?? 'connect'}
        onChange={(tab) => setFilters({ tab: tab === 'connect' ? '' : (tab ?? '') })}
        keepMounted={false}
      >
        <Tabs.List mb={16}>
          {seen.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {seen.map((name) => {
          const Body = tabs[name].body;
          return (
            <Tabs.Panel key={name} value={name}>
              <Body />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}
