/** Forms of the list: addresses put on it by hand, a file taken in, a whole kind released. */
import { Button, FileInput, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { useState } from 'react';
import type { ImportedList } from '../../../../src/httpd/admin-api/contract-suppression.ts';
import { admin, adminBase, ApiError } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { FormModal, listOf, textOf } from '../../parts/FormModal.tsx';
import { useWords } from '../../words.ts';
import { causes } from './EntryDrawer.tsx';

interface FormProps {
  readonly path: string;
  readonly onClose: () => void;
}

const scopes = ['org', 'stream:transactional', 'stream:bulk'] as const;
const dayMs = 86_400_000;
const lives = { forGood: 0, month: 30 * dayMs, year: 365 * dayMs } as const;

export function AddForm({ path, onClose }: FormProps) {
  const { t } = useWords('console/suppressions');
  const [scope, setScope] = useState<string>('org');
  const [life, setLife] = useState<keyof typeof lives>('forGood');
  const add = useDeed({
    run: (entries: readonly object[]) => admin.post<{ count: number }>(path, { entries }),
    said: ({ count }) => t('added', { count }),
  });
  const submit = (form: FormData) => {
    const untilMs = lives[life] === 0 ? 0 : Date.now() + lives[life];
    const reason = textOf(form, 'reason');
    return add.mutateAsync(
      listOf(form, 'addresses').map((address) => ({
        address,
        scope,
        cause: 'manual',
        untilMs,
        ...(reason !== '' && { reason }),
      })),
    );
  };
  return (
    <FormModal title={t('add')} submit={t('addSubmit')} onClose={onClose} onSubmit={submit}>
      {(problemAt) => (
        <>
          <Textarea
            name="addresses"
            data-autofocus
            required
            autosize
            minRows={3}
            maxRows={10}
            label={t('addresses')}
            description={t('addressesText')}
            error={problemAt('entries') ?? problemAt('address')}
          />
          <TextInput name="reason" label={t('why')} description={t('reasonText')} maxLength={300} />
          <Select
            label={t('scope')}
            allowDeselect={false}
            data={scopes.map((value) => ({ value, label: t(`scopes.${value.replace(':', '_')}`) }))}
            value={scope}
            onChange={(value) => value !== null && setScope(value)}
          />
          <Select
            label={t('until')}
            allowDeselect={false}
            data={(Object.keys(lives) as (keyof typeof lives)[]).map((value) => ({
              value,
              label: t(`lives.${value}`),
            }))}
            value={life}
            onChange={(value) => value !== null && setLife(value)}
          />
        </>
      )}
    </FormModal>
  );
}

/** Takes a whole kind off the list, some ten thousand with each call. */
export function ReleaseForm({ path, onClose }: FormProps) {
  const { t } = useWords('console/suppressions');
  const [cause, setCause] = useState<string>('hard');
  const release = useDeed({
    run: async (kind: object) => {
      const most = 10_000;
      let all = 0;
      for (let count = most; count === most; all += count)
        ({ count } = await admin.post<{ count: number }>(`${path}/release-all`, kind));
      return all;
    },
    said: (count) => t('releasedMany', { count }),
  });
  const submit = (form: FormData) => {
    const domain = textOf(form, 'domain');
    const reason = textOf(form, 'reason');
    const before = textOf(form, 'before');
    return release.mutateAsync({
      ...(cause !== 'all' && { cause }),
      ...(domain !== '' && { domain }),
      ...(reason !== '' && { reason }),
      ...(before !== '' && { beforeMs: new Date(before).getTime() }),
    });
  };
  return (
    <FormModal title={t('releaseMany')} submit={t('release')} onClose={onClose} onSubmit={submit}>
      {(problemAt) => (
        <>
          <p>{t('releaseManyText')}</p>
          <Select
            allowDeselect={false}
            label={t('cause')}
            data={[
              { value: 'all', label: t('allCauses') },
              ...causes.map((value) => ({ value, label: t(`causes.${value}`) })),
            ]}
            value={cause}
            onChange={(value) => value !== null && setCause(value)}
          />
          <TextInput name="domain" label={t('domain')} placeholder="example.jp" error={problemAt('domain')} />
          <TextInput name="reason" label={t('onlyReason')} description={t('onlyReasonText')} />
          <TextInput name="before" type="date" label={t('before')} />
        </>
      )}
    </FormModal>
  );
}

export function ImportForm({ path, onClose }: FormProps) {
  const { t } = useWords('console/suppressions');
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [done, setDone] = useState<ImportedList | undefined>();
  const run = async (): Promise<void> => {
    if (!file) return;
    setBusy(true);
    setProblem('');
    try {
      setDone(await upload(`${path}/import`, file));
      void client.invalidateQueries({ queryKey: ['list'] });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('import')} size={520} closeOnClickOutside={!busy}>
      <div className="form-stack">
        <FileInput
          label={t('file')}
          description={t('fileText')}
          accept=".csv,.txt,text/csv"
          disabled={busy}
          leftSection={<IconFileTypeCsv size={18} stroke={1.5} />}
          onChange={setFile}
        />
        {problem !== '' && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        {done && (
          <div role="status">
            <p>{t('added', { count: done.added })}</p>
            {done.wrong.length > 0 && <p>{t('passedOver', { count: done.wrong.length })}</p>}
            <ul>
              {done.wrong.map(({ line, why }) => (
                <li key={line}>{t('line', { line, why })}</li>
              ))}
            </ul>
          </div>
        )}
        <div className="form-foot">
          <Button variant="default" onClick={onClose} disabled={busy}>
            {t('close')}
          </Button>
          <Button onClick={() => void run()} loading={busy} disabled={!file || done !== undefined}>
            {t('importSubmit')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

async function upload(path: string, file: File): Promise<ImportedList> {
  const response = await fetch(adminBase + path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'x-hikyaku-page': '1', 'content-type': 'application/octet-stream' },
    body: file,
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new ApiError(response.status, body as ApiError['problem']);
  return body as ImportedList;
}
