/** A verdict in a form that goes from thread to thread: scripts by their place in the list, editions of the message by theirs. */
import type { Action } from '../../proto/sieve/action.ts';
import { Letter } from '../../proto/sieve/letter.ts';
import type { Followed, ScriptRun, Taken, TracedStep, Trouble, Verdict } from '../run-scripts.ts';
import type { RunnableScript } from '../script.ts';

/** What has a script, or a letter in its action, with numbers instead. */
type Numbered<T> = Omit<T, 'script' | 'action'> & { readonly script: number };
type TakenImage = Numbered<Taken> & { readonly action: Omit<Action, 'letter'>; readonly letter: number };

export interface VerdictImage {
  readonly taken: readonly TakenImage[];
  readonly keep:
    | { readonly flags: readonly string[]; readonly letter: number; readonly taken: TakenImage | undefined }
    | undefined;
  readonly tracked: Verdict['tracked'];
  readonly followed: readonly Numbered<Followed>[];
  readonly troubles: readonly Numbered<Trouble>[];
  readonly steps: readonly Numbered<TracedStep>[];
  /** The first is the message as it was received: its header. */
  readonly editions: readonly Uint8Array[];
}

/** No letter. */
const noLetter = -1;

export function imageOf(verdict: Verdict, scripts: readonly RunnableScript[]): VerdictImage {
  const letters = [verdict.letter];
  const numberOf = (letter: Letter): number => {
    if (!letter.edited) return 0;
    const known = letters.indexOf(letter);
    return known === -1 ? letters.push(letter) - 1 : known;
  };
  const numbered = <T extends { script: RunnableScript }>(of: T) => ({
    ...of,
    script: scripts.indexOf(of.script),
  });
  const taken = ({ action, script, rule }: Taken): TakenImage => {
    const { letter, ...rest } = { letter: undefined, ...action };
    return {
      action: rest,
      rule,
      letter: letter === undefined ? noLetter : numberOf(letter),
      script: scripts.indexOf(script),
    };
  };
  const { keep } = verdict;
  return {
    taken: verdict.taken.map(taken),
    keep: keep && {
      flags: keep.flags,
      letter: numberOf(keep.letter),
      taken: keep.taken && taken(keep.taken),
    },
    tracked: verdict.tracked,
    followed: verdict.followed.map(numbered),
    troubles: verdict.troubles.map(numbered),
    steps: verdict.steps.map(numbered),
    editions: letters.map((letter, i) => (i === 0 ? headerOf(letter) : letter.bytes())),
  };
}

export function verdictOf(image: VerdictImage, { scripts, message }: ScriptRun): Verdict {
  const [header, ...more] = image.editions.map((bytes) => bufferOf(bytes));
  const received = Letter.headed(header!, message.sizeBytes);
  const letters = [received, ...more.map((bytes) => Letter.made(bytes))];
  const scripted = <T extends { readonly script: number }>(of: T) => ({ ...of, script: scripts[of.script]! });
  const taken = ({ action, letter, script, rule }: TakenImage): Taken => ({
    action: (letter === noLetter ? action : { ...action, letter: letters[letter]! }) as Action,
    script: scripts[script]!,
    rule,
  });
  const { keep } = image;
  return {
    taken: image.taken.map(taken),
    keep: keep && {
      flags: keep.flags,
      letter: letters[keep.letter]!,
      taken: keep.taken && taken(keep.taken),
    },
    tracked: image.tracked,
    followed: image.followed.map(scripted),
    troubles: image.troubles.map(scripted),
    steps: image.steps.map(scripted),
    letter: received,
  };
}

const headerOf = ({ fields }: Letter): Uint8Array =>
  Buffer.concat([...fields.map(({ bytes }) => bytes), Buffer.from('\r\n', 'latin1')]);

export const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
