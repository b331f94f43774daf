/** Many accounts from a file: CSV with address, name and password, in UTF-8 or Shift_JIS. What is refused is told line by line. */
import { Button, FileInput, Modal, Progress } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { useState } from 'react';
import { admin } from '../../api/client.ts';
import { Mark } from '../../parts/Mark.tsx';
import { useWords } from '../../words.ts';
import { accountsIn, type ImportedAccount } from './account-file.ts';
import css from './Accounts.module.css';

interface Result {
  readonly name: string;
  readonly problem: string;
}

export function ImportModal({ org, onClose }: { readonly org: string; readonly onClose: () => void }) {
  const { t } = useWords('console/accounts');
  const client = useQueryClient();
  const [rows, setRows] = useState<readonly ImportedAccount[]>([]);
  const [results, setResults] = useState<readonly Result[]>([]);
  const [busy, setBusy] = useState(false);
  const read = async (file: File | null): Promise<void> => {
    setResults([]);
    setRows(file === null ? [] : accountsIn(new Uint8Array(await file.arrayBuffer())));
  };
  const run = async (): Promise<void> => {
    setBusy(true);
    for (const row of rows) {
      const problem = await admin
        .post(`/orgs/${org}/accounts`, row)
        .then(() => '')
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      setResults((before) => [...before, { name: row.name, problem }]);
    }
    setBusy(false);
    void client.invalidateQueries({ queryKey: ['list'] });
  };
  const failed = results.filter(({ problem }) => problem !== '');
  return (
    <Modal opened onClose={onClose} title={t('import')} size={560} closeOnClickOutside={!busy}>
      <div className="form-stack">
        <FileInput
          label={t('file')}
          description={t('fileText')}
          accept=".csv,text/csv"
          disabled={busy}
          leftSection={<IconFileTypeCsv size={18} stroke={1.5} />}
          onChange={(file) => void read(file)}
        />
        {rows.length > 0 && (
          <p role="status">
            {results.length === 0
              ? t('found', { count: rows.length })
              : t('progress', { done: results.length, all: rows.length, failed: failed.length })}
          </p>
        )}
        {results.length > 0 && (
          <Progress value={(results.length / rows.length) * 100} aria-label={t('import')} />
        )}
        {failed.length > 0 && (
          <ul className={css['results']}>
            {failed.map(({ name, problem }) => (
              <li key={name}>
                <Mark mood="bad">{name}</Mark> {problem}
              </li>
            ))}
          </ul>
        )}
        <div className="form-foot">
          <Button variant="default" onClick={onClose} disabled={busy}>
            {t('close')}
          </Button>
          <Button
            onClick={() => void run()}
            loading={busy}
            disabled={rows.length === 0 || results.length > 0}
          >
            {t('makeMany', { count: rows.length })}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
