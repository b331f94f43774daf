/** Rules: in the order in which they are asked, moved by hand and by key; what they would do, and doing it to mail that is here. */
import { ActionIcon, Button, Switch, Tooltip } from '@mantine/core';
import { IconFilter, IconGripVertical, IconPencil, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import { Empty } from '../../../parts/Empty.tsx';
import { Lines } from '../../../parts/Lines.tsx';
import { Section } from '../../../parts/Page.tsx';
import { ProblemBox } from '../../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../../parts/toasts.tsx';
import { useFilters } from '../../../shell/filters.ts';
import { useWords } from '../../../words.ts';
import { changeRules, useRules } from '../../data/rules.ts';
import type { Rule, RuleBook } from './rule.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { nameOfRule } from './sieve.ts';
import { RulesNotice } from './RulesNotice.tsx';
import { ScriptsSection } from './Scripts.tsx';
import { TrySection } from './TrySection.tsx';
import { useSummary } from './useSummary.ts';
import css from '../settings.module.css';

/** -1: a new one. */
interface Edited {
  readonly index: number;
  readonly rule: Rule;
}

const fresh = (from: string): Rule => ({
  name: '',
  on: true,
  match: 'all',
  conditions: [{ of: 'from', how: from === '' ? 'contains' : 'is', text: from }],
  actions: [{ do: 'move', mailbox: '', name: '' }, { do: 'stop' }],
});

export default function RulesTab() {
  const { t } = useWords('mail/settings');
  const { data, error, refetch } = useRules();
  const [filters, setFilters] = useFilters();
  const from = filters['from'] ?? '';
  const [edited, setEdited] = useState<Edited | undefined>(
    from === '' ? undefined : { index: -1, rule: fresh(from) },
  );
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  const { book } = data;
  const close = (): void => {
    setEdited(undefined);
    if (from !== '') setFilters({ from: '' });
  };
  const store = async (rule: Rule): Promise<void> => {
    const index = edited?.index ?? -1;
    await changeRules((now) => ({
      ...now,
      rules: index < 0 ? [...now.rules, rule] : now.rules.with(index, rule),
    }));
  };
  return (
    <>
      <RulesNotice state={data} />
      {book && (
        <Section
          title={t('rules.title')}
          text={t('rules.text')}
          action={<Button onClick={() => setEdited({ index: -1, rule: fresh('') })}>{t('rules.new')}</Button>}
        >
          {book.rules.length === 0 ? (
            <Empty icon={IconFilter} title={t('rules.none')} text={t('rules.noneText')} />
          ) : (
            <RuleList book={book} counts={data.counts} onEdit={(index, rule) => setEdited({ index, rule })} />
          )}
        </Section>
      )}
      {book && book.rules.length + book.blocked.length > 0 && <TrySection book={book} />}
      <ScriptsSection state={data} />
      {edited && <RuleEditor rule={edited.rule} isNew={edited.index < 0} onClose={close} onStore={store} />}
    </>
  );
}

interface RuleListProps {
  readonly book: RuleBook;
  readonly counts: ReadonlyMap<string, number>;
  readonly onEdit: (index: number, rule: Rule) => void;
}

function RuleList({ book, counts, onEdit }: RuleListProps) {
  const { t } = useWords('mail/settings');
  const [dragged, setDragged] = useState<number | undefined>();
  const [over, setOver] = useState<number | undefined>();
  const list = useRef<HTMLOListElement>(null);
  const moved = useRef<number | undefined>(undefined);
  // The keys stay with the rule that they move.
  useEffect(() => {
    if (moved.current === undefined) return;
    list.current?.querySelectorAll<HTMLElement>('[data-grip]')[moved.current]?.focus();
    moved.current = undefined;
  }, [book]);
  const change = (rules: (now: readonly Rule[]) => readonly Rule[]): Promise<void> =>
    changeRules((now) => ({ ...now, rules: rules(now.rules) }));
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= book.rules.length || from === to) return;
    moved.current = to;
    change((rules) => rules.toSpliced(from, 1).toSpliced(to, 0, rules[from]!)).catch(toastError);
  };
  const drop = (index: number, rule: Rule): void => {
    change((rules) => rules.toSpliced(index, 1)).then(
      () =>
        toast({
          text: t('rules.deleted', { name: nameOfRule(rule, index) }),
          undo: () => void change((rules) => rules.toSpliced(index, 0, rule)).catch(toastError),
        }),
      toastError,
    );
  };
  return (
    <ol className={css['list']} ref={list}>
      {book.rules.map((rule, index) => (
        <li
          key={`${index} ${rule.name}`}
          className={css['row']}
          data-over={over === index || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(index);
          }}
          onDragLeave={() => setOver(undefined)}
          onDrop={() => {
            setOver(undefined);
            if (dragged !== undefined) move(dragged, index);
          }}
        >
          <Grip
            label={t('rules.order', { name: nameOfRule(rule, index), at: index + 1, of: book.rules.length })}
            onDrag={() => setDragged(index)}
            onStep={(by) => move(index, index + by)}
          />
          <RuleWords rule={rule} count={counts.get(nameOfRule(rule, index)) ?? 0} />
          <span className={css['tools']}>
            <Switch
              aria-label={t('rules.on', { name: nameOfRule(rule, index) })}
              checked={rule.on}
              onChange={({ currentTarget: { checked } }) => {
                change((rules) => rules.with(index, { ...rules[index]!, on: checked })).catch(toastError);
              }}
            />
            <RowTool label={t('edit')} onClick={() => onEdit(index, rule)} icon={IconPencil} />
            <RowTool label={t('remove')} onClick={() => drop(index, rule)} icon={IconTrash} />
          </span>
        </li>
      ))}
    </ol>
  );
}

interface RowToolProps {
  readonly label: string;
  readonly icon: typeof IconPencil;
  readonly onClick: () => void;
}

export function RowTool({ label, icon: Mark, onClick }: RowToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onClick}>
        <Mark size={16} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  );
}

function RuleWords({ rule, count }: { readonly rule: Rule; readonly count: number }) {
  const { t } = useWords('mail/settings');
  const summary = useSummary();
  return (
    <div className={css['what']} data-off={rule.on ? undefined : ''}>
      <strong>{rule.name === '' ? summary(rule) : rule.name}</strong>
      {rule.name !== '' && <p>{summary(rule)}</p>}
      {count > 0 && <p>{t('rules.count', { count })}</p>}
    </div>
  );
}

interface GripProps {
  readonly label: string;
  readonly onDrag: () => void;
  readonly onStep: (by: number) => void;
}

/** Dragged, or moved by the arrow keys. */
function Grip({ label, onDrag, onStep }: GripProps) {
  const { t } = useWords('mail/settings');
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    onStep(by);
  };
  const onDragStart = (event: DragEvent): void => {
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', label);
    onDrag();
  };
  return (
    <Tooltip label={t('rules.orderHint')}>
      <button
        type="button"
        data-grip
        className={css['grip']}
        aria-label={label}
        draggable
        onDragStart={onDragStart}
        onKeyDown={onKeyDown}
      >
        <IconGripVertical size={16} stroke={1.5} aria-hidden />
      </button>
    </Tooltip>
  );
}
