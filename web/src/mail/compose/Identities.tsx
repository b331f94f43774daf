/** Names, reply addresses and signatures, of each address that one sends from. They live on the server, so that every device and program has them. */
import { Button, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { Dialog } from './Dialog.tsx';
import { checked, jmap, mail, submission } from '../jmap/client.ts';
import type { Id, Identity } from '../jmap/types.ts';
import { addresses, addressText } from './draft.ts';
import { nameOf } from './Fields.tsx';
import { htmlOf, isBlank, type RichNode, textOf } from './rich-doc.ts';
import { signatureBlocks } from './rich/read.ts';
import { RichText } from './rich/RichText.tsx';
import { identitiesKey } from './keys.ts';
import css from './compose.module.css';

interface IdentitiesProps {
  readonly account: Id;
  readonly identities: readonly Identity[];
  readonly onClose: () => void;
}

export function Identities({ account, identities, onClose }: IdentitiesProps) {
  const { t } = useWords('mail/compose');
  const [chosen, setChosen] = useState(identities[0]!.id);
  const identity = identities.find(({ id }) => id === chosen) ?? identities[0]!;
  return (
    <Dialog title={t('identities')} width={640} onClose={onClose}>
      <div className="form-stack">
        <Select
          label={t('address')}
          data={identities.map((each) => ({ value: each.id, label: nameOf(each) }))}
          value={identity.id}
          allowDeselect={false}
          comboboxProps={{ zIndex: 410 }}
          onChange={(id) => id !== null && setChosen(id)}
        />
        <IdentityForm
          key={identity.id}
          account={account}
          identity={identity}
          onMade={setChosen}
          onDone={onClose}
        />
      </div>
    </Dialog>
  );
}

interface FormProps {
  readonly account: Id;
  readonly identity: Identity;
  readonly onMade: (id: Id) => void;
  readonly onDone: () => void;
}

function IdentityForm({ account, identity, onMade, onDone }: FormProps) {
  const { t } = useWords('mail/compose');
  const client = useQueryClient();
  const [name, setName] = useState(identity.name);
  const [replyTo, setReplyTo] = useState((identity.replyTo ?? []).map(addressText).join(', '));
  const [doc, setDoc] = useState<RichNode>(() => {
    const content = signatureBlocks(identity.htmlSignature, identity.textSignature);
    return { type: 'doc', content: content.length > 0 ? content : [{ type: 'paragraph' }] };
  });
  const [busy, setBusy] = useState(false);
  const replies = useMemo(
    () =>
      replyTo
        .split(/[,、]/)
        .map((each) => each.trim())
        .filter(Boolean),
    [replyTo],
  );
  const isWrong = replies.length !== (addresses(replies)?.length ?? 0);
  const set = async (what: object): Promise<Readonly<Record<string, { readonly id: Id }>>> => {
    setBusy(true);
    try {
      const { i } = await jmap([['Identity/set', { accountId: account, ...what }, 'i']], {
        using: [mail, submission],
      });
      const { created } = checked(i);
      await client.invalidateQueries({ queryKey: identitiesKey(account) });
      return created ?? {};
    } finally {
      setBusy(false);
    }
  };
  const values = () => ({
    name: name.trim(),
    replyTo: replies.length === 0 ? null : addresses(replies),
    htmlSignature: isBlank(doc) ? '' : htmlOf(doc),
    textSignature: isBlank(doc) ? '' : textOf(doc),
  });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (isWrong) return;
    set({ update: { [identity.id]: values() } }).then(() => {
      toast({ text: t('kept'), mood: 'good' });
      onDone();
    }, toastError);
  };
  const another = (): void =>
    void set({ create: { n: { ...values(), email: identity.email } } }).then(
      ({ n }) => n && onMade(n.id),
      toastError,
    );
  const drop = (): void =>
    void set({ destroy: [identity.id] }).then(() => toast({ text: t('identityDropped') }), toastError);
  return (
    <form className="form-stack" onSubmit={save}>
      <TextInput
        label={t('shownName')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t('replyTo')}
        description={t('replyToText')}
        value={replyTo}
        error={isWrong && t('warnings.badAddress')}
        onChange={(event) => setReplyTo(event.currentTarget.value)}
      />
      <div>
        <div className={css['label']}>{t('signature')}</div>
        <div className={css['signature']}>
          <RichText
            account={account}
            doc={doc}
            version={0}
            autoFocus={false}
            label={t('signature')}
            onChange={setDoc}
          />
        </div>
      </div>
      <div className="form-foot">
        {identity.mayDelete ? (
          <Button variant="subtle" color="shu" disabled={busy} onClick={drop}>
            {t('dropIdentity')}
          </Button>
        ) : (
          <Button variant="subtle" disabled={busy} onClick={another}>
            {t('anotherIdentity')}
          </Button>
        )}
        <span className={css['gap']} />
        <Button type="submit" loading={busy}>
          {t('keep')}
        </Button>
      </div>
    </form>
  );
}
