/** The ways to prove a name: HTTP and TLS through the store, DNS through a command of the operator's. */
import { createHash } from 'node:crypto';
import { sleep, type Clock } from '../base/clock.ts';
import { challengeCertificate, type Challenge, type Solver } from '../net/acme-client.ts';
import type { Store } from '../store/store.ts';
import { dropProof, keepProof, type Proof } from './rows/proofs.ts';

/** Publishes or removes a TXT record: `set` or `unset`, the name, the text. Rejects when it could not. */
export type DnsHook = (action: 'set' | 'unset', name: string, text: string) => Promise<void>;

export interface SolverParts {
  readonly store: Pick<Store, 'write'>;
  readonly clock: Clock;
  readonly hook: DnsHook | undefined;
  /** How long records take to reach all servers of their zone. */
  readonly dnsWaitMs: number;
}

/** A proof that nobody cleared up is forgotten after this. */
const proofKeptMs = 3_600_000;

export function solverOf(type: Solver['type'], parts: SolverParts): Solver {
  if (type === 'dns-01') return dnsSolver(parts);
  return storedSolver(type, parts);
}

function storedSolver(type: 'http-01' | 'tls-alpn-01', { store, clock }: SolverParts): Solver {
  const placeOf = ({ name, token }: Challenge): Pick<Proof, 'kind' | 'subject'> =>
    type === 'http-01' ? { kind: 'http', subject: token } : { kind: 'tls', subject: name };
  const answerTo = async ({ name, keyAuthorization }: Challenge): Promise<string> =>
    type === 'http-01'
      ? keyAuthorization
      : JSON.stringify(await challengeCertificate(name, keyAuthorization, clock));
  return {
    type,
    async prepare(challenge) {
      const answer = await answerTo(challenge);
      await store.write(keepProof, { ...placeOf(challenge), answer, untilMs: clock.nowMs() + proofKeptMs });
    },
    remove: (challenge) => store.write(dropProof, placeOf(challenge)),
  };
}

/** RFC 8555, 8.4. */
function dnsSolver({ hook, clock, dnsWaitMs }: SolverParts): Solver {
  const run = async (action: 'set' | 'unset', { name, keyAuthorization }: Challenge): Promise<void> => {
    if (hook === undefined) throw new Error('no command publishes DNS records (tls.acme.dnsHook)');
    const text = createHash('sha256').update(keyAuthorization).digest('base64url');
    await hook(action, `_acme-challenge.${name}`, text);
  };
  return {
    type: 'dns-01',
    async prepare(challenge) {
      await run('set', challenge);
      await sleep(clock, dnsWaitMs);
    },
    // The record does no harm: that it stays is no reason to go without the certificate.
    remove: (challenge) => run('unset', challenge).catch(() => undefined),
  };
}
