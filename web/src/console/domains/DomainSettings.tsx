/** What can be set of a domain, each with what it does. */
import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import { admin, ApiError } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Section } from '../../parts/Page.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';

type Edit = Pick<Domain, 'separators' | 'catchAll' | 'legacyLocalParts' | 'mtaSts' | 'bimiLogo'>;

export function DomainSettings({ path, domain }: { readonly path: string; readonly domain: Domain }) {
  const { t } = useWords('console/domains');
  const may = useMay();
  const { separators, catchAll, legacyLocalParts, mtaSts, bimiLogo } = domain;
  const before: Edit = { separators, catchAll, legacyLocalParts, mtaSts, bimiLogo };
  const [edit, setEdit] = useState(before);
  const save = useDeed({
    run: (next: Edit) => admin.patch<Domain>(path, next),
    said: () => t('saved'),
    undo: () => () => admin.patch(path, before),
    changes: ['domain'],
  });
  const set = (change: Partial<Edit>): void => setEdit({ ...edit, ...change });
  const problemAt = (field: string): string | undefined =>
    save.error instanceof ApiError ? save.error.at(field) : undefined;
  const locked = !may('domains:write');
  return (
    <Section title={t('tabs.settings')}>
      <form
        className="form-stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(edit);
        }}
      >
        <TextInput
          label={t('catchAll')}
          description={t('catchAllText')}
          value={edit.catchAll}
          disabled={locked}
          error={problemAt('catchAll')}
          onChange={(event) => set({ catchAll: event.currentTarget.value })}
        />
        <TextInput
          label={t('separators')}
          description={t('separatorsText')}
          value={edit.separators}
          maxLength={4}
          disabled={locked}
          error={problemAt('separators')}
          onChange={(event) => set({ separators: event.currentTarget.value })}
        />
        <Select
          label="MTA-STS"
          description={t('mtaStsText')}
          disabled={locked}
          allowDeselect={false}
          data={(['', 'none', 'testing', 'enforce'] as const).map((value) => ({
            value,
            label: t(`sts.${value || 'server'}`),
          }))}
          value={edit.mtaSts}
          onChange={(value) => set({ mtaSts: (value ?? '') as Edit['mtaSts'] })}
        />
        <TextInput
          label={t('bimi')}
          description={t('bimiText')}
          placeholder="https://"
          value={edit.bimiLogo}
          disabled={locked}
          error={problemAt('bimiLogo')}
          onChange={(event) => set({ bimiLogo: event.currentTarget.value })}
        />
        <Switch
          label={t('legacy')}
          description={t('legacyText')}
          checked={edit.legacyLocalParts}
          disabled={locked}
          onChange={(event) => set({ legacyLocalParts: event.currentTarget.checked })}
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
