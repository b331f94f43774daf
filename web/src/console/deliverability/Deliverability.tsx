/** Deliverability: how mail to each provider goes, what they refuse and why, their rules held against a domain of ours, warm-ups and block lists. */
import { SegmentedControl, Tabs } from '@mantine/core';
import { Page } from '../../parts/Page.tsx';
import { useMay, usePerson } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { BlockLists } from './BlockLists.tsx';
import { Failures } from './Failures.tsx';
import { Providers } from './Providers.tsx';
import { ProviderDrawer } from './ProviderDrawer.tsx';
import { Rules } from './Rules.tsx';
import { useOutcomes } from './outcomes.ts';
import { WarmUps } from './WarmUps.tsx';

const spans = ['1', '7', '30'] as const;
const withSpan: ReadonlySet<string> = new Set(['providers', 'failures']);

export function Deliverability() {
  const { t } = useWords('console/deliverability');
  const may = useMay();
  const { operator } = usePerson();
  const [filters, setFilters] = useFilters();
  const tabs = [
    'providers',
    ...(may('journey:read') ? ['failures'] : []),
    ...(may('domains:read') ? ['rules'] : []),
    ...(operator ? ['warmUps', 'blockLists'] : []),
  ];
  const tab = tabs.find((name) => name === filters['tab']) ?? 'providers';
  const days = spans.find((span) => span === filters['days']) ?? '7';
  const { data } = useOutcomes(Number(days));
  const chosen = data?.items.find(({ provider }) => (provider || '-') === filters['provider']);
  return (
    <Page
      title={t('title')}
      text={t('lead')}
      actions={
        withSpan.has(tab) && (
          <SegmentedControl
            aria-label={t('span')}
            data={spans.map((value) => ({ value, label: t(`spans.${value}`) }))}
            value={days}
            onChange={(value) => setFilters({ days: value === '7' ? '' : value })}
          />
        )
      }
      drawer={
        data &&
        chosen &&
        tab === 'providers' && (
          <ProviderDrawer
            key={chosen.provider}
            answer={data}
            provider={chosen}
            onClose={() => setFilters({ provider: '' })}
          />
        )
      }
    >
      <Tabs
        value={tab}
        onChange={(next) => setFilters({ tab: next === 'providers' ? '' : (next ?? ''), provider: '' })}
        keepMounted={false}
      >
        <Tabs.List mb={16}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="providers">
          <Providers days={Number(days)} />
        </Tabs.Panel>
        <Tabs.Panel value="failures">
          <Failures days={Number(days)} />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <Rules />
        </Tabs.Panel>
        <Tabs.Panel value="warmUps">
          <WarmUps />
        </Tabs.Panel>
        <Tabs.Panel value="blockLists">
          <BlockLists />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
