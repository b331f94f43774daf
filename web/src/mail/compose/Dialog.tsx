/** A window over the sheet, which says what its cross does. */
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../../words.ts';

interface DialogProps {
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, width, onClose, children }: DialogProps) {
  const { t } = useWords('mail/compose');
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={width}
      zIndex={400}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {children}
    </Modal>
  );
}
