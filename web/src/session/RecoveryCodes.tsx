/** Recovery codes, shown once. */
import { Alert, Button, Modal } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Copy } from '../parts/Copy.tsx';
import { saveText } from '../parts/csv.ts';
import { useWords } from '../words.ts';
import css from './Me.module.css';

export function RecoveryCodes({
  codes,
  onClose,
}: {
  readonly codes: readonly string[];
  readonly onClose: () => void;
}) {
  const { t } = useWords('session/me');
  return (
    <Modal opened onClose={onClose} title={t('recovery')} closeOnClickOutside={false}>
      <Alert color="oudo" variant="light">
        {t('recoveryKeep')}
      </Alert>
      <ul className={css['codes']}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="form-foot">
        <Copy text={codes.join('\n')} />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.5} />}
          onClick={() => saveText('hikyaku-recovery-codes.txt', 'text/plain', `${codes.join('\n')}\n`)}
        >
          {t('saveCodes')}
        </Button>
        <Button onClick={onClose}>{t('kept')}</Button>
      </div>
    </Modal>
  );
}
