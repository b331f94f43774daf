/** Shows the journeys of mail in the terminal as they happen. */
import { sleep, systemClock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import { journeyOf, type JourneyStep } from '../events/journey.ts';
import type { Language } from '../events/journey-words.ts';
import { after, end } from '../events/ledger.ts';
import { meaning } from './http.ts';
import { sendDemoMail } from './demo-mail.ts';
import type { Supervisor } from './supervisor.ts';
import type { BoundListener } from './thread-messages.ts';

const pollMs = 200;
const eventsPerPoll = 200;

export async function showDemoMail(submissions: BoundListener): Promise<void> {
  const { messageId } = await sendDemoMail(submissions);
  console.log(`A demo mail was submitted: ${messageId}. Its journey:\n`);
}

/** Prints each step of each message, from now on, until the store closes. */
export async function followJourney(supervisor: Supervisor, language: Language): Promise<void> {
  try {
    await follow(supervisor, language);
  } catch (error) {
    if (!(error instanceof Refusal && error.reason === 'shuttingDown')) throw error;
  }
}

async function follow(supervisor: Supervisor, language: Language): Promise<void> {
  let seq = Math.max(0, (await supervisor.store.read(() => end())) - eventsPerPoll);
  const startedAtMs = systemClock.nowMs() - 5000;
  for (;;) {
    const from = seq;
    const events = await supervisor.store.read(() => after(from, eventsPerPoll));
    for (const event of events) {
      seq = event.seq;
      if (event.atMs < startedAtMs) continue;
      for (const step of journeyOf([event], language, meaning)) print(step, event.message);
    }
    await sleep(systemClock, pollMs);
  }
}

const marks: Readonly<Record<JourneyStep['mood'], string>> = {
  good: '✔',
  neutral: '·',
  waiting: '…',
  bad: '✖',
};

function print(step: JourneyStep, message: string): void {
  console.log(
    `${new Date(step.atMs).toISOString().slice(11, 23)} ${marks[step.mood]} ${step.headline}   [${message}]`,
  );
  for (const line of step.details) console.log(`               ${line}`);
}
