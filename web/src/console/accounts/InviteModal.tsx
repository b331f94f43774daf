/** Invites somebody to their account: by mail to where they read mail now, or with a link to hand over. */
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import type { Account, MadeInvitation } from '../../../../src/httpd/admin-api/contract-account.ts';
import { admin } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Copy } from '../../parts/Copy.tsx';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { When } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import css from './Accounts.module.css';

const lives = [1, 3, 7, 30] as const;

interface InviteModalProps {
  readonly account: Account;
  readonly onClose: () => void;
}

export function InviteModal({ account, onClose }: InviteModalProps) {
  const { t } = useWords('console/accounts');
  const [days, setDays] = useState('3');
  const [made, setMade] = useState<MadeInvitation | undefined>();
  // The form closes itself when it is done: then the link is shown.
  const shown = useRef(false);
  const invite = useDeed({
    run: (body: object) =>
      admin.post<MadeInvitation>(`/orgs/${account.org}/accounts/${account.id}/invitation`, body),
    done: (answer) => {
      shown.current = true;
      setMade(answer);
    },
  });
  if (made) return <Made made={made} onClose={onClose} />;
  return (
    <FormModal
      title={t('invite')}
      submit={t('inviteSubmit')}
      onClose={() => !shown.current && onClose()}
      onSubmit={(form) => {
        const to = textOf(form, 'to');
        return invite.mutateAsync({ days: Number(days), ...(to !== '' && { to }) });
      }}
    >
      {(problemAt) => (
        <>
          <p>{t('inviteText', { name: account.name })}</p>
          <TextInput
            name="to"
            type="email"
            data-autofocus
            label={t('inviteTo')}
            description={t('inviteToText')}
            spellCheck={false}
            error={problemAt('to')}
          />
          <Select
            label={t('inviteDays')}
            allowDeselect={false}
            data={lives.map((value) => ({ value: String(value), label: t('days', { count: value }) }))}
            value={days}
            onChange={(value) => value !== null && setDays(value)}
          />
        </>
      )}
    </FormModal>
  );
}

function Made({ made, onClose }: { readonly made: MadeInvitation; readonly onClose: () => void }) {
  const { t } = useWords('console/accounts');
  return (
    <Modal opened onClose={onClose} title={t('invite')} closeOnClickOutside={false} size={520}>
      <p role="status">{t(made.sent ? 'inviteSent' : 'inviteMade')}</p>
      <p className={css['link']}>
        <code>{made.link}</code>
        <Copy text={made.link} />
      </p>
      <p>
        {t('inviteUntil')} <When atMs={made.untilMs} />
      </p>
      <div className="form-foot">
        <Button onClick={onClose}>{t('close')}</Button>
      </div>
    </Modal>
  );
}
