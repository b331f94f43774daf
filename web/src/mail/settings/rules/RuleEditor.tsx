/** A rule as a form: its name, when it holds, what it does. */
import { Button, CloseButton, Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useWords } from '../../../words.ts';
import { useLabels } from '../../data/labels.ts';
import { fullName, inOrder, useMailboxes } from '../../data/mailboxes.ts';
import { useMailboxName } from '../../mailbox-name.ts';
import { faultOf, type Action, type Condition, type Rule } from './rule.ts';
import css from '../settings.module.css';

interface EditorProps {
  readonly rule: Rule;
  readonly isNew: boolean;
  readonly onClose: () => void;
  /** Throws what was refused. */
  readonly onStore: (rule: Rule) => Promise<void>;
}

export function RuleEditor({ rule: given, isNew, onClose, onStore }: EditorProps) {
  const { t } = useWords('mail/settings');
  const { t: parts } = useWords('parts');
  const [rule, setRule] = useState(given);
  const [problem, setProblem] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<Rule>): void => setRule({ ...rule, ...change });
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const fault = faultOf(rule);
    if (fault !== undefined) return setProblem(t(`faults.${fault}`));
    setBusy(true);
    try {
      await onStore({ ...rule, name: rule.name.trim() });
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(isNew ? 'rules.new' : 'rules.edit')}
      size={640}
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      <form className={css['stack']} onSubmit={(event) => void submit(event)}>
        <TextInput
          label={t('rules.name')}
          placeholder={t('rules.nameHint')}
          value={rule.name}
          maxLength={100}
          onChange={({ currentTarget: { value } }) => set({ name: value })}
        />
        <Conditions rule={rule} onChange={set} />
        <Actions actions={rule.actions} onChange={(actions) => set({ actions })} />
        {problem !== undefined && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="form-foot">
          <Button variant="default" onClick={onClose}>
            {parts('cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const places: readonly Condition['of'][] = [
  'from',
  'to',
  'subject',
  'body',
  'list',
  'attachment',
  'size',
  'header',
];
const tests = ['contains', 'containsNot', 'is', 'begins', 'ends'] as const;

function freshCondition(of: Condition['of'], text: string): Condition {
  if (of === 'attachment') return { of, has: true };
  if (of === 'size') return { of, how: 'over', kib: 1024 };
  if (of === 'list') return { of, text };
  return { of, how: 'contains', text };
}

interface ConditionsProps {
  readonly rule: Rule;
  readonly onChange: (change: Partial<Rule>) => void;
}

function Conditions({ rule: { match, conditions }, onChange }: ConditionsProps) {
  const { t } = useWords('mail/settings');
  const set = (index: number, condition: Condition): void =>
    onChange({ conditions: conditions.with(index, condition) });
  return (
    <fieldset className={css['lines']}>
      <legend>{t('rules.when')}</legend>
      {conditions.length > 1 && (
        <NativeSelect
          aria-label={t('rules.when')}
          value={match}
          onChange={({ currentTarget: { value } }) => onChange({ match: value as Rule['match'] })}
          data={[
            { value: 'all', label: t('rules.matchAll') },
            { value: 'any', label: t('rules.matchAny') },
          ]}
        />
      )}
      {conditions.length === 0 && <p className={css['quiet']}>{t('rules.allMail')}</p>}
      {conditions.map((condition, index) => (
        <div key={index} className={css['line']}>
          <NativeSelect
            aria-label={t('rules.part')}
            value={condition.of}
            onChange={({ currentTarget: { value } }) =>
              set(index, freshCondition(value as Condition['of'], 'text' in condition ? condition.text : ''))
            }
            data={places.map((of) => ({ value: of, label: t(`cond.${of}`) }))}
          />
          <ConditionFields condition={condition} onChange={(next) => set(index, next)} />
          <CloseButton
            aria-label={t('rules.dropCondition')}
            onClick={() => onChange({ conditions: conditions.toSpliced(index, 1) })}
          />
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange({ conditions: [...conditions, freshCondition('subject', '')] })}
        >
          {t('rules.addCondition')}
        </Button>
      </div>
    </fieldset>
  );
}

interface FieldsProps {
  readonly condition: Condition;
  readonly onChange: (condition: Condition) => void;
}

function ConditionFields({ condition, onChange }: FieldsProps) {
  const { t } = useWords('mail/settings');
  switch (condition.of) {
    case 'attachment':
      return (
        <NativeSelect
          className={css['grow']!}
          aria-label={t('cond.attachment')}
          value={condition.has ? 'yes' : 'no'}
          onChange={({ currentTarget: { value } }) => onChange({ ...condition, has: value === 'yes' })}
          data={['yes', 'no'].map((value) => ({ value, label: t(`rules.${value}`) }))}
        />
      );
    case 'size':
      return (
        <>
          <NativeSelect
            aria-label={t('cond.size')}
            value={condition.how}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...condition, how: value as 'over' | 'under' })
            }
            data={['over', 'under'].map((value) => ({ value, label: t(`rules.${value}`) }))}
          />
          <NumberInput
            className={css['grow']!}
            aria-label={t('rules.kib')}
            min={1}
            max={10_000_000}
            suffix=" KiB"
            thousandSeparator
            value={condition.kib}
            onChange={(kib) => onChange({ ...condition, kib: Number(kib) })}
          />
        </>
      );
    case 'list':
      return (
        <TextInput
          className={css['grow']!}
          aria-label={t('rules.listName')}
          placeholder={t('rules.anyList')}
          value={condition.text}
          onChange={({ currentTarget: { value } }) => onChange({ ...condition, text: value })}
        />
      );
    default:
      return (
        <>
          {condition.of === 'header' && (
            <TextInput
              aria-label={t('rules.field')}
              placeholder="X-Priority"
              value={condition.field ?? ''}
              onChange={({ currentTarget: { value } }) => onChange({ ...condition, field: value.trim() })}
            />
          )}
          <NativeSelect
            aria-label={t('rules.how')}
            value={condition.how}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...condition, how: value as (typeof tests)[number] })
            }
            data={tests.map((value) => ({ value, label: t(`how.${value}`) }))}
          />
          <TextInput
            className={css['grow']!}
            aria-label={t('rules.textField')}
            value={condition.text}
            maxLength={400}
            onChange={({ currentTarget: { value } }) => onChange({ ...condition, text: value })}
          />
        </>
      );
  }
}

const deeds: readonly Action['do'][] = ['move', 'label', 'mark', 'forward', 'delete', 'stop'];

function freshAction(does: Action['do']): Action {
  if (does === 'move') return { do: does, mailbox: '', name: '' };
  if (does === 'label') return { do: does, keyword: '$label1' };
  if (does === 'mark') return { do: does, as: 'seen' };
  if (does === 'forward') return { do: does, to: '' };
  return { do: does };
}

interface ActionsProps {
  readonly actions: readonly Action[];
  readonly onChange: (actions: readonly Action[]) => void;
}

function Actions({ actions, onChange }: ActionsProps) {
  const { t } = useWords('mail/settings');
  return (
    <fieldset className={css['lines']}>
      <legend>{t('rules.doing')}</legend>
      {actions.map((action, index) => (
        <div key={index} className={css['line']}>
          <NativeSelect
            aria-label={t('rules.action')}
            value={action.do}
            onChange={({ currentTarget: { value } }) =>
              onChange(actions.with(index, freshAction(value as Action['do'])))
            }
            data={deeds.map((value) => ({ value, label: t(`act.${value}`) }))}
          />
          <ActionFields action={action} onChange={(next) => onChange(actions.with(index, next))} />
          <CloseButton
            aria-label={t('rules.dropAction')}
            onClick={() => onChange(actions.toSpliced(index, 1))}
          />
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...actions, freshAction('mark')])}
        >
          {t('rules.addAction')}
        </Button>
      </div>
    </fieldset>
  );
}

interface ActionFieldsProps {
  readonly action: Action;
  readonly onChange: (action: Action) => void;
}

function ActionFields({ action, onChange }: ActionFieldsProps) {
  const { t } = useWords('mail/settings');
  switch (action.do) {
    case 'move':
      return <MailboxField action={action} onChange={onChange} />;
    case 'label':
      return <LabelField action={action} onChange={onChange} />;
    case 'mark':
      return (
        <NativeSelect
          className={css['grow']!}
          aria-label={t('act.mark')}
          value={action.as}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...action, as: value as 'seen' | 'flagged' })
          }
          data={(['seen', 'flagged'] as const).map((value) => ({ value, label: t(`rules.${value}`) }))}
        />
      );
    case 'forward':
      return (
        <TextInput
          className={css['grow']!}
          type="email"
          aria-label={t('rules.address')}
          placeholder="name@example.com"
          value={action.to}
          onChange={({ currentTarget: { value } }) => onChange({ ...action, to: value.trim() })}
        />
      );
    default:
      return <span className={css['grow']} />;
  }
}

interface OneActionProps<D extends Action['do']> {
  readonly action: Extract<Action, { readonly do: D }>;
  readonly onChange: (action: Action) => void;
}

function MailboxField({ action, onChange }: OneActionProps<'move'>) {
  const { t, language } = useWords('mail/settings');
  const mailboxes = useMailboxes();
  const nameOf = useMailboxName();
  return (
    <NativeSelect
      className={css['grow']!}
      aria-label={t('rules.mailbox')}
      value={action.mailbox}
      onChange={({ currentTarget: { value } }) =>
        onChange({ ...action, mailbox: value, name: fullName(mailboxes, value) })
      }
      data={[
        { value: '', label: t('rules.chooseMailbox') },
        ...inOrder(mailboxes, language).map(({ mailbox, depth }) => ({
          value: mailbox.id,
          label: `${'\u2003'.repeat(depth)}${nameOf(mailbox)}`,
        })),
      ]}
    />
  );
}

function LabelField({ action, onChange }: OneActionProps<'label'>) {
  const { t } = useWords('mail/settings');
  const labels = useLabels();
  if (labels.length === 0) return <span className={css['grow']}>{t('rules.noLabels')}</span>;
  return (
    <NativeSelect
      className={css['grow']!}
      aria-label={t('act.label')}
      value={action.keyword}
      onChange={({ currentTarget: { value } }) => onChange({ ...action, keyword: value })}
      data={labels.map(({ keyword, name }) => ({ value: keyword, label: name }))}
    />
  );
}
