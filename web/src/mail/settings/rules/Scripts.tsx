/** Scripts of other programs: shown as text, changed as text, checked before they are stored. */
import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconFileCode, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Lines } from '../../../parts/Lines.tsx';
import { Section } from '../../../parts/Page.tsx';
import { ProblemBox } from '../../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../../parts/toasts.tsx';
import { When } from '../../../parts/When.tsx';
import { useWords } from '../../../words.ts';
import {
  activate,
  deleteScript,
  problemsOf,
  readScript,
  rulesName,
  storeScript,
  type RulesState,
} from '../../data/rules.ts';
import { RowTool } from './RulesTab.tsx';
import css from '../settings.module.css';

export function ScriptsSection({ state }: { readonly state: RulesState }) {
  const { t } = useWords('mail/settings');
  const [open, setOpen] = useState<string | undefined>();
  const foreign = state.scripts.filter(({ name }) => name !== rulesName || state.book === undefined);
  const drop = async (name: string): Promise<void> => {
    const { source } = await readScript(name);
    await deleteScript(name);
    toast({
      text: t('scripts.deleted', { name }),
      undo: () => void storeScript(name, source).catch(toastError),
    });
  };
  return (
    <Section
      title={t('scripts.title')}
      text={t('scripts.text')}
      action={
        <Button variant="default" onClick={() => setOpen('')}>
          {t('scripts.new')}
        </Button>
      }
    >
      {foreign.length === 0 && <p className={css['quiet']}>{t('scripts.none')}</p>}
      <ul className={css['list']}>
        {foreign.map(({ name, stage, changedAtMs }) => (
          <li key={name} className={css['row']}>
            <IconFileCode size={20} stroke={1.5} aria-hidden />
            <div className={css['what']}>
              <strong>{name}</strong>
              <p>
                {stage === 'active' && <>{t('scripts.runs')} · </>}
                <When atMs={changedAtMs} />
              </p>
            </div>
            <span className={css['tools']}>
              <Button size="compact-sm" variant="subtle" onClick={() => setOpen(name)}>
                {t('edit')}
              </Button>
              {stage === '' ? (
                <>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    onClick={() => void activate(name).catch(toastError)}
                  >
                    {t('scripts.run')}
                  </Button>
                  <RowTool
                    label={t('remove')}
                    icon={IconTrash}
                    onClick={() => void drop(name).catch(toastError)}
                  />
                </>
              ) : (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  onClick={() => void activate('').catch(toastError)}
                >
                  {t('scripts.rest')}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {open !== undefined && <ScriptEditor name={open} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}

function ScriptEditor({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const { t } = useWords('mail/settings');
  const { t: parts } = useWords('parts');
  const { data, error } = useQuery({
    queryKey: ['script', name],
    queryFn: ({ signal }) => readScript(name, signal),
    enabled: name !== '',
    gcTime: 0,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={name === '' ? t('scripts.new') : name}
      size={760}
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      {error ? (
        <ProblemBox error={error} />
      ) : name !== '' && !data ? (
        <Lines count={4} />
      ) : (
        <ScriptForm name={name} source={data?.source ?? ''} onClose={onClose} />
      )}
    </Modal>
  );
}

interface ScriptFormProps {
  readonly name: string;
  readonly source: string;
  readonly onClose: () => void;
}

function ScriptForm({ name: given, source: stored, onClose }: ScriptFormProps) {
  const { t } = useWords('mail/settings');
  const { t: parts } = useWords('parts');
  const [name, setName] = useState(given);
  const [source, setSource] = useState(stored);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const store = async (): Promise<void> => {
    try {
      await storeScript(name.trim(), source);
      toast({ text: t('saved'), mood: 'good' });
      onClose();
    } catch (error) {
      const told = problemsOf(error);
      setProblems(told.length > 0 ? told : [error instanceof Error ? error.message : String(error)]);
    }
  };
  return (
    <form
      className={css['stack']}
      onSubmit={(event) => {
        event.preventDefault();
        void store();
      }}
    >
      {given === '' && (
        <TextInput
          required
          label={t('rules.name')}
          value={name}
          maxLength={100}
          onChange={({ currentTarget: { value } }) => setName(value)}
        />
      )}
      <Textarea
        className={css['script']!}
        label={t('scripts.source')}
        autosize
        minRows={12}
        maxRows={28}
        spellCheck={false}
        value={source}
        onChange={({ currentTarget: { value } }) => setSource(value)}
      />
      {problems.length > 0 && (
        <ul className={css['problems']} role="alert">
          {problems.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      <div className="form-foot">
        <Button variant="default" onClick={onClose}>
          {parts('cancel')}
        </Button>
        <Button type="submit">{t('save')}</Button>
      </div>
    </form>
  );
}
