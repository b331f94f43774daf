/** What the simulator's recipients send back, taken in as if it came from outside: only for addresses of ours. */
import type { Answered } from '../delivery/simulated.ts';
import type { Intake } from '../intake/intake.ts';
import { fromInside, type SessionInfo } from '../intake/session-info.ts';
import { splitAddress } from '../proto/smtp/path.ts';

const session: SessionInfo = { ...fromInside, helo: 'mx.simulator.test', trusted: false };

/** Refusal when nobody here has the address. */
export async function receiveSimulated(
  intake: Pick<Intake, 'begin'>,
  { from, to, bytes }: Answered,
): Promise<void> {
  const recipient = splitAddress(to);
  if (!recipient) return;
  using mail = await intake.begin(session, { sender: from === '' ? null : splitAddress(from), params: {} });
  await mail.recipient(recipient, {});
  await mail.write(bytes);
  await mail.finish();
}
