/** When addresses come onto the list, and for how long: what the organisation has otherwise than the server. */
import { NumberInput, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SuppressionPolicyAnswer } from '../../../../src/httpd/admin-api/contract-suppression.ts';
import { admin } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';

const numbers = ['hardErrors', 'carrierHardErrors', 'hardDays', 'complaintDays'] as const;

export function PolicyForm({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const { data } = useQuery({
    queryKey: ['suppressionPolicy', path],
    queryFn: () => admin.get<SuppressionPolicyAnswer>(`${path}/policy`),
  });
  return data ? <Fields path={path} answer={data} onClose={onClose} /> : null;
}

interface FieldsProps {
  readonly path: string;
  readonly answer: SuppressionPolicyAnswer;
  readonly onClose: () => void;
}

function Fields({ path, answer: { policy, own }, onClose }: FieldsProps) {
  const { t } = useWords('console/suppressions');
  const may = useMay();
  const [scope, setScope] = useState<string>(own.complaintScope ?? 'server');
  const fixed = path === '/suppressions' || !may('suppressions:write');
  const save = useDeed({
    run: (body: object) => admin.put(`${path}/policy`, body),
    said: () => t('policySaved'),
    undo: () => () => admin.put(`${path}/policy`, own),
    changes: ['suppressionPolicy'],
  });
  const submit = async (form: FormData) => {
    if (fixed) return;
    const given = numbers
      .map((name) => [name, textOf(form, name)] as const)
      .filter(([, text]) => text !== '');
    const body = Object.fromEntries(given.map(([name, text]) => [name, Number(text)]));
    await save.mutateAsync({ ...body, ...(scope !== 'server' && { complaintScope: scope }) });
  };
  return (
    <FormModal
      title={t('policy')}
      submit={fixed ? t('close') : t('save')}
      onClose={onClose}
      onSubmit={submit}
    >
      {(problemAt) => (
        <>
          <p>{fixed ? t('policyFixed') : t('policyText')}</p>
          {numbers.map((name) => (
            <NumberInput
              key={name}
              name={name}
              min={0}
              readOnly={fixed}
              label={t(`policies.${name}`)}
              description={t(`policies.${name}Text`)}
              placeholder={String(policy[name])}
              defaultValue={fixed ? policy[name] : (own[name] ?? '')}
              error={problemAt(name)}
            />
          ))}
          <Select
            allowDeselect={false}
            readOnly={fixed}
            label={t('policies.complaintScope')}
            data={[
              { value: 'server', label: t('asServer') },
              ...['org', 'stream:bulk'].map((value) => ({
                value,
                label: t(`scopes.${value.replace(':', '_')}`),
              })),
            ]}
            value={fixed ? policy.complaintScope : scope}
            onChange={(value) => value !== null && setScope(value)}
          />
        </>
      )}
    </FormModal>
  );
}
