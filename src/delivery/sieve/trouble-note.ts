/** A note to the owner of a script that failed: what went wrong, and where. It is put into the mailbox, once a day for each mistake. */
import type { Clock } from '../../base/clock.ts';
import { newMessageId, newSecret } from '../../base/ids.ts';
import { prepareEmail } from '../../mailbox/email-facts.ts';
import type { Placement } from '../../mailbox/place.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import { compose } from '../../proto/mime/compose.ts';
import { problemLine } from '../../proto/sieve/problem.ts';
import { subjectOf } from '../../proto/sieve/vacation-reply.ts';
import type { Arrival } from './arrival.ts';
import type { Trouble, Verdict } from '../../sieve/run-scripts.ts';

const words = {
  en: {
    from: 'Mail filter',
    subject: (script: string) => `Your filter script "${script}" has an error`,
    text: (subject: string, problem: string) =>
      `The filter script could not be run over a message, which was put into your inbox instead.\n\nMessage: ${subject}\nError: ${problem}\n\nPlease correct the script. You get this note once a day for each error.\n`,
  },
  ja: {
    from: 'メール振り分け',
    subject: (script: string) => `振り分けスクリプト「${script}」にエラーがあります`,
    text: (subject: string, problem: string) =>
      `振り分けスクリプトを実行できなかったため、メールをそのまま受信箱に入れました。\n\nメール: ${subject}\nエラー: ${problem}\n\nスクリプトを修正してください。このお知らせは、同じエラーについて1日に1回お送りします。\n`,
  },
} as const;

export interface NoteParts {
  readonly clock: Clock;
  readonly hostname: string;
}

/** The claim under which it is sent, and the placement. */
export function troubleNote(
  { clock, hostname }: NoteParts,
  arrival: Arrival,
  { trouble, letter }: { readonly trouble: Trouble; readonly letter: Verdict['letter'] },
): { readonly handle: string; readonly placement: Placement } {
  const { problem, script } = trouble;
  const said = words[arrival.language];
  const id = newMessageId(clock);
  const to = splitAddress(arrival.name);
  const bytes = compose({
    headers: [
      { name: 'From', addresses: [{ name: said.from, local: 'mailer-daemon', domain: hostname }] },
      ...(to ? [{ name: 'To', addresses: [to] }] : []),
      { name: 'Subject', text: said.subject(script.name) },
      { name: 'Date', dateMs: arrival.nowMs, zoneMinutes: arrival.language === 'ja' ? 540 : 0 },
      { name: 'Message-ID', raw: `<${id}@${hostname}>` },
      { name: 'Auto-Submitted', raw: 'auto-generated' },
    ],
    body: { is: 'text', text: said.text(subjectOf(letter), problemLine(problem, arrival.language)) },
  });
  const { code, at } = problem;
  return {
    handle: JSON.stringify(['script error', script.owner, script.name, code, at.line]),
    placement: {
      account: arrival.account,
      mailbox: { role: 'inbox' },
      key: `note ${id} ${newSecret(6)}`,
      flags: 0,
      keywords: [],
      receivedAtMs: arrival.nowMs,
      body: { is: 'inline', bytes },
      email: prepareEmail(bytes),
      events: [],
    },
  };
}
