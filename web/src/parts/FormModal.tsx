/** A small form over the page. What the server says of a field stands at the field. */
import { Button, Modal } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { useWords } from '../words.ts';

interface FormModalProps {
  readonly title: string;
  readonly submit: string;
  readonly onClose: () => void;
  /** Throws what the server refused. */
  readonly onSubmit: (form: FormData) => Promise<unknown>;
  readonly children: (problemAt: (field: string) => string | undefined) => ReactNode;
}

export function FormModal({ title, submit, onClose, onSubmit, children }: FormModalProps) {
  const { t } = useWords('parts');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const told = problem instanceof ApiError ? (problem.problem?.errors ?? []) : [];
  const run = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await onSubmit(new FormData(event.currentTarget));
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={480} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form-stack" onSubmit={(event) => void run(event)}>
        {children((field) => told.find(({ at }) => at === field || at.startsWith(`${field}.`))?.detail)}
        {problem !== undefined && told.length === 0 && (
          <p role="alert" className="form-problem">
            {problem instanceof Error ? problem.message : t('unexpected')}
          </p>
        )}
        <div className="form-foot">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** A field of a form as text. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
};

/** Lines, commas or spaces between addresses. */
export const listOf = (form: FormData, name: string): string[] =>
  textOf(form, name)
    .split(/[\s,;、]+/)
    .filter((part) => part !== '');
