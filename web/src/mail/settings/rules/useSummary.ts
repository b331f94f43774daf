/** A rule in one sentence. */
import { useWords } from '../../../words.ts';
import { useLabels } from '../../data/labels.ts';
import { useMailboxes } from '../../data/mailboxes.ts';
import { useMailboxName } from '../../mailbox-name.ts';
import type { Action, Condition, Rule } from './rule.ts';

export function useSummary(): (rule: Rule) => string {
  const { t, language } = useWords('mail/settings');
  const mailboxes = useMailboxes();
  const nameOf = useMailboxName();
  const labels = useLabels();
  const condition = (each: Condition): string => {
    switch (each.of) {
      case 'attachment':
        return t(each.has ? 'sum.attachment' : 'sum.noAttachment');
      case 'size':
        return t(`sum.${each.how}`, { size: each.kib });
      case 'list':
        return each.text === '' ? t('sum.anyList') : t('sum.list', { text: each.text });
      default:
        return t(`sum.${each.how}`, {
          what: each.of === 'header' ? (each.field ?? '') : t(`cond.${each.of}`),
          text: each.text,
        });
    }
  };
  const action = (each: Action): string => {
    switch (each.do) {
      case 'move': {
        const mailbox = mailboxes.find(({ id }) => id === each.mailbox);
        return t('sum.move', { name: mailbox ? nameOf(mailbox) : each.name });
      }
      case 'label':
        return t('sum.label', {
          name: labels.find(({ keyword }) => keyword === each.keyword)?.name ?? each.keyword,
        });
      case 'mark':
        return t(`sum.${each.as}`);
      case 'forward':
        return t('sum.forward', { to: each.to });
      default:
        return t(`sum.${each.do}`);
    }
  };
  return (rule) => {
    const join = (type: 'conjunction' | 'disjunction', texts: readonly string[]): string =>
      new Intl.ListFormat(language, { type }).format(texts);
    const when =
      rule.conditions.length === 0
        ? t('sum.all')
        : join(rule.match === 'all' ? 'conjunction' : 'disjunction', rule.conditions.map(condition));
    return t('sum.rule', { when, deeds: join('conjunction', rule.actions.map(action)) });
  };
}
