/** How much may be sent in a day: by the organisation, by each account, by each login; and how much is used. */
import { Button, NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { OrgSending, SendingUse } from '../../../../src/httpd/admin-api/contract-sending.ts';
import { admin } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Page, Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import css from './Sending.module.css';

const kinds = ['org', 'account', 'credential'] as const;
type Kind = (typeof kinds)[number];

export function Sending() {
  const { t, language } = useWords('console/sending');
  const org = useOrg();
  const may = useMay();
  const [editing, setEditing] = useState<Kind | undefined>();
  const path = `/orgs/${org}/sending`;
  const { data, error, refetch } = useQuery({
    queryKey: ['sending', org],
    queryFn: () => admin.get<OrgSending>(path),
  });
  const set = useDeed({
    run: ({ limit, perDay }: { limit: Kind; perDay: number | null }) => admin.put(path, { limit, perDay }),
    said: () => t('saved'),
    undo: (_, { limit }) => {
      const before = data?.own[limit];
      return () => admin.put(path, { limit, perDay: before ?? null });
    },
    changes: ['sending'],
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  const own = (kind: Kind): number | undefined => data?.own[kind];
  return (
    <Page title={t('title')} text={t('lead')} narrow>
      {!data && <Lines />}
      {data?.limits.map((use) => (
        <Use key={use.limit + use.credential} use={use} />
      ))}
      {data && (
        <Section title={t('set')} text={t('setText')}>
          <ul className={css['list']}>
            {kinds.map((kind) => (
              <li key={kind}>
                <div>
                  <strong>{t(`kinds.${kind}`)}</strong>
                  <p>
                    {own(kind) === undefined
                      ? t('asServer')
                      : own(kind) === 0
                        ? t('noLimit')
                        : t('perDay', { number: own(kind)?.toLocaleString(language) })}
                  </p>
                </div>
                {may('accounts:write') && (
                  <Button variant="default" size="compact-sm" onClick={() => setEditing(kind)}>
                    {t('change')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {editing && (
        <FormModal
          title={t(`kinds.${editing}`)}
          submit={t('save')}
          onClose={() => setEditing(undefined)}
          onSubmit={(form) => {
            const text = textOf(form, 'perDay').replaceAll(/\D/g, '');
            return set.mutateAsync({ limit: editing, perDay: text === '' ? null : Number(text) });
          }}
        >
          {(problemAt) => (
            <NumberInput
              name="perDay"
              data-autofocus
              min={0}
              thousandSeparator=","
              label={t('perDayLabel')}
              description={t('perDayText')}
              defaultValue={own(editing) ?? ''}
              error={problemAt('perDay')}
            />
          )}
        </FormModal>
      )}
    </Page>
  );
}

function Use({ use }: { readonly use: SendingUse }) {
  const { t, language } = useWords('console/sending');
  const share = use.perDay === 0 ? 0 : Math.min(1, use.used / use.perDay);
  return (
    <Section title={t(`kinds.${use.limit}`)}>
      <p className={css['used']}>
        <strong>{use.used.toLocaleString(language)}</strong>{' '}
        {use.perDay > 0 && `/ ${use.perDay.toLocaleString(language)}`} {t('used')}
      </p>
      <div
        className={css['bar']}
        role="meter"
        aria-label={t(`kinds.${use.limit}`)}
        aria-valuemin={0}
        aria-valuemax={use.perDay}
        aria-valuenow={use.used}
      >
        <span
          data-mood={share > 0.95 ? 'bad' : share > 0.8 ? 'waiting' : 'good'}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </Section>
  );
}
