/** What an organisation sets: its name and language, how mail is judged, how long the log is kept. Each says what it does. */
import { Button, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { FilterSettings } from '../../../../src/httpd/admin-api/contract-filters.ts';
import type { Org } from '../../../../src/httpd/admin-api/contract-org.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Page, Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useMay } from '../../session/session.ts';
import { languageNames, languages, useWords } from '../../words.ts';
import { useOrg } from '../org.ts';

export function Settings() {
  const { t } = useWords('console/settings');
  const org = useOrg();
  const { data, error, refetch } = useQuery({
    queryKey: ['org', org],
    queryFn: () => admin.get<Org>(`/orgs/${org}`),
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  return (
    <Page title={t('title')} text={t('lead')} narrow>
      {data ? <Organisation key={data.name + data.language} org={data} /> : <Lines />}
      <Filters org={org} />
      <Retention org={org} />
    </Page>
  );
}

function Organisation({ org }: { readonly org: Org }) {
  const { t } = useWords('console/settings');
  const may = useMay();
  const [edit, setEdit] = useState({ name: org.name, language: org.language });
  const save = useDeed({
    run: (next: typeof edit) => admin.patch(`/orgs/${org.id}`, next),
    said: () => t('saved'),
    undo: () => () => admin.patch(`/orgs/${org.id}`, { name: org.name, language: org.language }),
    changes: ['org'],
  });
  const locked = !may('org:write');
  return (
    <Section title={t('organisation')}>
      <form
        className="form-stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(edit);
        }}
      >
        <TextInput
          label={t('name')}
          value={edit.name}
          disabled={locked}
          onChange={(event) => setEdit({ ...edit, name: event.currentTarget.value })}
        />
        <Select
          label={t('language')}
          description={t('languageText')}
          disabled={locked}
          allowDeselect={false}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
          value={edit.language}
          onChange={(value) => value !== null && setEdit({ ...edit, language: value as Org['language'] })}
        />
        <div className="form-foot">
          <Button type="submit" disabled={locked} loading={save.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

const scores = ['mark', 'junk', 'quarantine', 'refuse'] as const;

function Filters({ org }: { readonly org: string }) {
  const { t } = useWords('console/settings');
  const may = useMay();
  const path = `/orgs/${org}/filters`;
  const { data } = useQuery({ queryKey: ['filters', org], queryFn: () => admin.get<FilterSettings>(path) });
  const [edit, setEdit] = useState<FilterSettings>({});
  useEffect(() => setEdit(data ?? {}), [data]);
  const save = useDeed({
    run: (next: FilterSettings) => admin.put(path, next),
    said: () => t('saved'),
    undo: () => data && (() => admin.put(path, data)),
    changes: ['filters'],
  });
  const locked = !may('org:write') && !may('accounts:write');
  if (!data) return null;
  return (
    <Section title={t('filters')} text={t('filtersText')}>
      <form
        className="form-stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(edit);
        }}
      >
        {scores.map((name) => (
          <NumberInput
            key={name}
            label={t(`score.${name}`)}
            placeholder={t('asServer')}
            disabled={locked}
            min={0.1}
            max={1000}
            decimalScale={1}
            value={edit[name] ?? ''}
            onChange={(value) => {
              const { [name]: _, ...others } = edit;
              setEdit(value === '' ? others : { ...others, [name]: Number(value) });
            }}
          />
        ))}
        <Switch
          label={t('greylisting')}
          description={t('greylistingText')}
          disabled={locked}
          checked={edit.greylisting === true}
          onChange={(event) => setEdit({ ...edit, greylisting: event.currentTarget.checked })}
        />
        <div className="form-foot">
          <Button type="submit" disabled={locked} loading={save.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

interface Kept {
  readonly stream: string;
  readonly days: number;
}

function Retention({ org }: { readonly org: string }) {
  const { t } = useWords('console/settings');
  const may = useMay();
  const path = `/orgs/${org}/retention`;
  const { data } = useQuery({ queryKey: ['retention', org], queryFn: () => admin.get<PageOf<Kept>>(path) });
  const now = data?.items.find(({ stream }) => stream === '')?.days;
  const [days, setDays] = useState<number | string>('');
  useEffect(() => setDays(now ?? ''), [now]);
  const set = (next: number | null) => admin.put(path, { days: next });
  const save = useDeed({
    run: set,
    said: () => t('saved'),
    undo: () => () => set(now ?? null),
    changes: ['retention'],
  });
  if (!data) return null;
  return (
    <Section title={t('retention')} text={t('retentionText')}>
      <form
        className="form-stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(days === '' ? null : Number(days));
        }}
      >
        <NumberInput
          label={t('days')}
          placeholder={t('asServer')}
          disabled={!may('org:write')}
          min={1}
          max={3650}
          value={days}
          onChange={setDays}
        />
        <div className="form-foot">
          <Button type="submit" disabled={!may('org:write')} loading={save.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
