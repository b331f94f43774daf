/** What the buttons and keys do to messages, with the note that tells of it and takes it back. */
import { currentLanguage, type useWords } from '../words.ts';
import { toast, toastError } from '../parts/toasts.tsx';
import type { Actions, Touched } from './data/actions.ts';
import { withRole, type KnownRole } from './data/mailboxes.ts';
import type { Id, Mailbox } from './jmap/types.ts';

type T = ReturnType<typeof useWords>['t'];

const told = { archive: 'archived', trash: 'trashed', junk: 'junked', inbox: 'moved' } as const;

export class Deeds {
  readonly #actions: Actions;
  readonly #mailboxes: readonly Mailbox[];
  readonly #t: T;

  constructor(actions: Actions, mailboxes: readonly Mailbox[], t: T) {
    this.#actions = actions;
    this.#mailboxes = mailboxes;
    this.#t = t;
  }

  keyword(messages: readonly Touched[], keyword: string, on: boolean): void {
    this.#actions.keyword(messages, keyword, on).catch(toastError);
  }

  /** Into the mailbox of a role; out of the trash and junk it is deleted for good when it is thrown away there. */
  moveToRole(messages: readonly Touched[], from: Id | undefined, role: keyof typeof told): void {
    const to = withRole(this.#mailboxes, role);
    if (to === undefined || messages.length === 0) return;
    if (role === 'trash' && from === to.id) return this.#destroy(messages);
    if (role === 'junk') this.#actions.keyword(messages, '$junk', true).catch(toastError);
    if (role === 'inbox') this.#actions.keyword(messages, '$notjunk', true).catch(toastError);
    this.move(messages, from, to, told[role]);
  }

  move(messages: readonly Touched[], from: Id | undefined, to: Mailbox, word: string = 'moved'): void {
    if (messages.length === 0 || from === to.id) return;
    this.#actions.move(messages, from, to.id).then(
      (undo) =>
        toast({
          text: this.#t(word, { count: messages.length, name: to.name }),
          undo: () => void undo().catch(toastError),
        }),
      toastError,
    );
  }

  snooze(messages: readonly Touched[], from: Id | undefined, untilMs: number): void {
    const [first] = messages;
    const box = from ?? Object.keys(first?.mailboxIds ?? {})[0];
    if (first === undefined || box === undefined) return;
    const at = new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' });
    this.#actions.snooze(messages, box, untilMs).then(
      (undo) =>
        toast({
          text: this.#t('snoozed', { count: messages.length, at: at.format(untilMs) }),
          undo: () => void undo().catch(toastError),
        }),
      toastError,
    );
  }

  roleOf(mailbox: Id | undefined): KnownRole | undefined {
    return this.#mailboxes.find(({ id }) => id === mailbox)?.role as KnownRole | undefined;
  }

  #destroy(messages: readonly Touched[]): void {
    this.#actions
      .destroy(messages)
      .then(() => toast({ text: this.#t('destroyed', { count: messages.length }) }), toastError);
  }
}
