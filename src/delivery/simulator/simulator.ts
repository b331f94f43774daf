/**
 * The simulator: mail for `…@simulator.test`, and all mail of test keys, ends here. Each address plays one outcome (scenes.ts); to the queue, the ledger and webhooks it is a
 * delivery like any other, and nothing leaves the machine.
 */
import { sleep, type Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { EventData } from '../../events/event.ts';
import {
  simulatorDomain,
  type Attempt,
  type AttemptRecipient,
  type AttemptResult,
  type Outcome,
} from '../../queue/attempt.ts';
import { answerTo, type Answered } from './answers.ts';
import { sceneOf, type Scene } from './scenes.ts';

export interface SimulatorParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly hostname: string;
  /** Takes in what a simulated recipient sends back, like mail from outside. */
  readonly receive?: ((mail: Answered) => Promise<void>) | undefined;
}

/** An address for documentation (RFC 5737): nobody has it. */
const simulatedIp = '192.0.2.25';

export class Simulator {
  readonly #parts: SimulatorParts;

  constructor(parts: SimulatorParts) {
    this.#parts = parts;
  }

  async deliver(attempt: Attempt): Promise<AttemptResult> {
    const startMs = this.#parts.clock.nowMs();
    const outcomes = await Promise.all(attempt.recipients.map((to) => this.#play(attempt, to, startMs)));
    const told = attempt.recipients.map((to, i) => this.#conversation(to, outcomes[i]!, startMs));
    return { outcomes, conversations: told.filter((one) => one !== undefined) };
  }

  async #play(attempt: Attempt, to: AttemptRecipient, startMs: number): Promise<Outcome> {
    const scene = sceneOf(to.address, simulatorDomain);
    const host = 'host' in scene ? scene.host : `mx.${simulatorDomain}`;
    const reply = 'reply' in scene ? scene.reply.replaceAll('{}', to.address) : '';
    switch (scene.is) {
      case 'failed':
        return { is: 'failed', why: 'refused', answer: { phase: scene.phase, host, ip: simulatedIp, reply } };
      case 'deferred':
        if (to.try > scene.times) break;
        return {
          is: 'deferred',
          siteDown: false,
          answer: { phase: scene.phase, host, ip: simulatedIp, reply },
        };
      case 'unknown':
        if (to.try > 1) break;
        return {
          is: 'unknown',
          answer: {
            phase: 'data',
            host,
            ip: simulatedIp,
            reply: '451 4.4.2 No answer to the end of the text',
          },
        };
      default:
        await this.#follow(attempt, to, scene);
    }
    return this.#delivered(to, host, startMs);
  }

  async #follow(
    attempt: Attempt,
    to: AttemptRecipient,
    scene: Extract<Scene, { is: 'delivered' }>,
  ): Promise<void> {
    const { clock, log, receive, hostname } = this.#parts;
    if (scene.afterMs !== undefined) await sleep(clock, scene.afterMs);
    if (scene.sends === undefined || receive === undefined || attempt.message.sender === '') return;
    const mail = answerTo(scene.sends, { message: attempt.message, address: to.address, hostname, clock });
    // As it is in the world: what comes back comes by itself, and its sender need not be there.
    await receive(mail).catch((error: unknown) =>
      log.info(
        { message: attempt.message.id, to: mail.to, error: String(error) },
        'an answer of the simulator was refused',
      ),
    );
  }

  #delivered(to: AttemptRecipient, host: string, startMs: number): Outcome {
    const event: EventData['delivered'] = {
      host: host || `mx.${simulatorDomain}`,
      ip: simulatedIp,
      reply: '250 2.0.0 OK simulated',
      ms: this.#parts.clock.nowMs() - startMs,
      tls: null,
      try: to.try,
    };
    return { is: 'delivered', notice: 'relayed', event };
  }

  #conversation(to: AttemptRecipient, outcome: Outcome, startMs: number): EventData['attempted'] | undefined {
    if (outcome.is === 'delivered' || outcome.is === 'redirected') return undefined;
    const { phase, host, ip, reply } = outcome.answer;
    return {
      recipients: [to.address],
      destination: to.destination,
      dns: [],
      host,
      ip,
      port: 25,
      localIp: '',
      tls: null,
      reused: false,
      phase,
      reply,
      ms: this.#parts.clock.nowMs() - startMs,
      try: to.try,
    };
  }
}
