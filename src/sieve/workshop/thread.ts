/**
 * Entry of the workshop's thread: compiles and runs what would hold up a thread that serves others.
 *
 * It does one thing at a time, and sleeps until a question is answered: nothing is done twice.
 */
import { hash } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { interpret } from '../../proto/sieve/interpret.ts';
import type { Program } from '../../proto/sieve/program.ts';
import { KnownAnswers, type Question, Unanswered } from '../../proto/sieve/surroundings.ts';
import { machineZone } from '../machine-zone.ts';
import { runScripts } from '../run-scripts.ts';
import { checkSource, programOf, type RunnableScript } from '../script.ts';
import type { FromWorkshop, Reply, RunWork, Work, WorkshopData } from './messages.ts';
import { bufferOf, imageOf } from './verdict-image.ts';

const main = parentPort!;
const { signal, answers } = workerData as WorkshopData;
const raised = new Int32Array(signal);

/** Octets of sources whose programs are kept. */
const sourcesMaxBytes = 4 * 1024 * 1024;
const programs = new Map<string, Program | undefined>();
let keptBytes = 0;

main.on('message', (work: Work) => {
  if (work.is === 'check') tell({ is: 'checked', checked: checkSource(work.source) });
  else void run(work);
});

const tell = (message: FromWorkshop): void => main.postMessage(message);

async function run({ of, scripts, head, sizeBytes, around, limits, traced }: RunWork): Promise<void> {
  const runnable = scripts.map((script): RunnableScript => ({ ...script, program: kept(script.source) }));
  const whole = {
    of,
    scripts: runnable,
    message: { head: bufferOf(head), sizeBytes },
    around: { ...around, zoneMinutes: machineZone },
    limits,
    traced,
    answer: () => Promise.reject(new Error('answers come at once here')),
  };
  const asking = new AskingAnswers();
  try {
    const verdict = await runScripts(whole, (program, input) => interpret(program, input, asking));
    tell({ is: 'verdict', image: imageOf(verdict, runnable) });
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    tell({ is: 'unanswered' });
  }
}

function kept(source: Uint8Array): Program | undefined {
  const key = hash('sha256', source);
  if (programs.has(key)) return programs.get(key);
  const program = programOf(source);
  keptBytes += source.length;
  if (keptBytes > sourcesMaxBytes) {
    programs.clear();
    keptBytes = source.length;
  }
  programs.set(key, program);
  return program;
}

/** Asks whoever gave the work, and sleeps until the answer is there. */
class AskingAnswers extends KnownAnswers {
  override ask(question: Question): never {
    try {
      return super.ask(question) as never;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
    tell({ is: 'question', question });
    const reply = nextReply();
    if (reply.is === 'none') throw new Unanswered(question);
    this.give(question, received(question, reply.value));
    return super.ask(question) as never;
  }
}

function nextReply(): Reply {
  for (;;) {
    Atomics.wait(raised, 0, 0);
    Atomics.store(raised, 0, 0);
    const found = receiveMessageOnPort(answers);
    if (found) return found.message as Reply;
  }
}

/** What does not travel as it is. */
function received(question: Question, value: unknown): unknown {
  if (question.is === 'message') return bufferOf(value as Uint8Array);
  if (question.is === 'script' && value instanceof Uint8Array) return kept(value) ?? 'invalid';
  return value;
}
