/** Asks for a name to be typed: only before what cannot be undone. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../words.ts';

interface TypedProps {
  readonly label: string;
  readonly what: string;
  readonly text: string;
  readonly onConfirm: () => void;
}

export function Typed({ label, what, text, onConfirm }: TypedProps) {
  const { t } = useWords('parts');
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const close = (): void => {
    setOpen(false);
    setTyped('');
  };
  return (
    <>
      <Button variant="subtle" color="shu" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal opened={open} onClose={close} title={label}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typed !== text) return;
            close();
            onConfirm();
          }}
        >
          <p>
            {what} {t('cannotUndo')}
          </p>
          <TextInput
            data-autofocus
            label={t('confirmType', { text })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
          <div className="form-foot">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" color="shu" disabled={typed !== text}>
              {label}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
