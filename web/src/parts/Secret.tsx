/** A secret that is shown once. */
import { Alert, Modal, Button } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useWords } from '../words.ts';
import { Copy } from './Copy.tsx';
import css from './Secret.module.css';

export function SecretModal({
  title,
  secret,
  onClose,
}: {
  readonly title: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  const { t } = useWords('parts');
  return (
    <Modal opened onClose={onClose} title={title} closeOnClickOutside={false} size={520}>
      <Alert icon={<IconKey size={18} />} color="oudo" variant="light">
        {t('shownOnce')}
      </Alert>
      <p className={css['secret']}>
        <code>{secret}</code>
        <Copy text={secret} />
      </p>
      <div className="form-foot">
        <Button onClick={onClose}>{t('close')}</Button>
      </div>
    </Modal>
  );
}
