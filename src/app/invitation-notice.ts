/** The mail that invites somebody to an account of ours. Pure. */
import type { Invitation } from '../httpd/parts.ts';
import { parseAddresses } from '../proto/mime/address.ts';
import { compose } from '../proto/mime/compose.ts';

interface Words {
  readonly subject: (org: string) => string;
  readonly text: (facts: { org: string; address: string; link: string; until: string }) => string;
}

const en: Words = {
  subject: (org) => `Your new mail account at ${org}`,
  text: ({ org, address, link, until }) => `${org} has made a mail account for you: ${address}

Choose your password here. The link works once, until ${until} UTC:

${link}

If you did not expect this, do nothing: without the link nobody gets in, and it ends by itself.
`,
};

const ja: Words = {
  subject: (org) => `${org} のメールアカウントのご案内`,
  text: ({ org, address, link, until }) => `${org} があなたのメールアカウントを作成しました: ${address}

次のリンクからパスワードを設定してください。リンクは一度だけ、${until}（UTC）まで有効です。

${link}

心当たりがない場合は、何もする必要はありません。リンクは期限が来ると無効になります。
`,
};

export interface InvitationFacts extends Invitation {
  /** Of the domain of the account, so that it is signed. */
  readonly from: string;
  readonly hostName: string;
  readonly messageId: string;
  readonly atMs: number;
}

export function invitationNotice(facts: InvitationFacts): Buffer {
  const { to, address, orgName, link, untilMs, language, from, hostName, messageId, atMs } = facts;
  const words = language === 'ja' ? ja : en;
  const org = orgName.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  const until = new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ');
  return compose({
    headers: [
      { name: 'From', addresses: parseAddresses(from) },
      { name: 'To', addresses: parseAddresses(to) },
      { name: 'Subject', text: words.subject(org) },
      { name: 'Date', dateMs: atMs },
      { name: 'Message-ID', raw: `<${messageId}@${hostName}>` },
      { name: 'Auto-Submitted', raw: 'auto-generated' },
    ],
    body: { is: 'text', text: words.text({ org, address, link, until }) },
  });
}
