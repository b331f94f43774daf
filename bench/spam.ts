/**
 * How well the classifier tells spam from wanted mail, and how quickly: by cross-validation, so that no mail is judged by a model that has learned it.
 *
 *   npm run bench -- spam [FOLDER] [--folds 10] [--learn N] [--json]
 *
 * FOLDER: mails in sub-folders whose names begin with `spam`, or contain `ham`; without one, the spam corpus of the conformance data. `--learn` limits what each model
 * learns. Mails are put in an order by their names' hashes, the same each time. The way a mail came is left out: in a collection it tells who has collected it.
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseHeaders } from '../src/proto/mime/headers.ts';
import { PartStream } from '../src/proto/mime/part-stream.ts';
import { mailTokens } from '../src/policy/classifier/mail-tokens.ts';
import { scoreOf } from '../src/policy/classifier/score.ts';
import { Tally, type Label } from '../src/policy/classifier/tally.ts';
import { packHashes, unpackHashes } from '../src/policy/classifier/token-hash.ts';
import { ContentGatherer } from '../src/policy/content.ts';
import { conformanceFolder } from '../test/conformance.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folds: { type: 'string', default: '10' },
    learn: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});

interface Sample {
  readonly name: string;
  readonly label: Label;
  readonly tokens: ReadonlySet<string>;
  readonly hashes: Uint32Array;
}

interface Judged {
  readonly label: Label;
  readonly score: number;
}

const falseRates = [0, 0.0005, 0.001, 0.002, 0.005, 0.01];

function tokensOf(bytes: Buffer): ReadonlySet<string> {
  const block = parseHeaders(bytes);
  const header = bytes.subarray(block.start, block.end);
  const gatherer = new ContentGatherer();
  const parts = new PartStream(header, block, gatherer.part);
  parts.push(bytes.subarray(block.bodyStart));
  parts.end();
  return mailTokens({ header, block, content: gatherer.content, route: [] });
}

function mailsIn(folder: string): { name: string; label: Label }[] {
  const mails: { name: string; label: Label }[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const sub = dirname(name);
    const label = sub.startsWith('spam') ? 'spam' : sub.includes('ham') ? 'ham' : undefined;
    if (label !== undefined && sub !== '.' && !name.endsWith('.json')) mails.push({ name, label });
  }
  const order = ({ name }: { name: string }): string => hash('sha256', name);
  return mails.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

function crossValidate(samples: readonly Sample[], folds: number, learnMax: number): Judged[] {
  const judged: Judged[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const tally = new Tally();
    const learned = samples.filter((_, at) => at % folds !== fold);
    for (const { label, hashes } of learnMax > 0 ? learned.slice(0, learnMax) : learned)
      tally.add(label, hashes);
    for (const { label, tokens } of samples.filter((_, at) => at % folds === fold))
      judged.push({ label, score: scoreOf(tokens, [{ tally, weight: 1 }]).score });
  }
  return judged.toSorted((a, b) => b.score - a.score);
}

/** For each rate of wanted mail called spam, how much of the spam is caught, and from which score on. */
function rocOf(judged: readonly Judged[]): { falseRate: number; caught: number; score: number }[] {
  const spam = judged.filter(({ label }) => label === 'spam').length;
  const ham = judged.length - spam;
  return falseRates.map((falseRate) => {
    const allowed = Math.floor(falseRate * ham + 1e-9);
    let wrong = 0;
    let caught = 0;
    let score = Infinity;
    for (const each of judged) {
      if (each.label === 'ham') wrong += 1;
      else caught += 1;
      if (wrong > allowed) break;
      score = each.score;
    }
    return { falseRate, caught: caught / spam, score };
  });
}

const folder = positionals[0] ?? conformanceFolder('spam-corpus');
if (folder === undefined) throw new Error('no mails: name a folder, or set HIKYAKU_CONFORMANCE');
const raw = mailsIn(folder).map((mail) => ({ ...mail, bytes: readFileSync(join(folder, mail.name)) }));
const begun = performance.now();
const tokenised = raw.map(({ name, label, bytes }) => ({ name, label, tokens: tokensOf(bytes) }));
const tokenMs = performance.now() - begun;
const samples = tokenised.map((each) => ({ ...each, hashes: unpackHashes(packHashes(each.tokens)) }));
const scoring = performance.now();
const judged = crossValidate(samples, Number(values.folds), Number(values.learn));
const scoreMs = performance.now() - scoring;
const roc = rocOf(judged);
const facts = {
  spam: samples.filter(({ label }) => label === 'spam').length,
  ham: samples.filter(({ label }) => label === 'ham').length,
  folds: Number(values.folds),
  tokensPerMail: Math.round(samples.reduce((sum, { tokens }) => sum + tokens.size, 0) / samples.length),
  readPerSecond: Math.round((samples.length / tokenMs) * 1000),
  judgedPerSecond: Math.round((samples.length / (tokenMs + scoreMs)) * 1000),
  roc,
};
if (values.json) console.log(JSON.stringify(facts));
else {
  console.log(
    `${facts.spam} spam, ${facts.ham} wanted; ${facts.folds} folds; ${facts.tokensPerMail} tokens a mail`,
  );
  console.log(
    `${facts.readPerSecond} mails/s read into tokens, ${facts.judgedPerSecond} mails/s judged, learning for each fold included; one thread`,
  );
  console.log('wanted mail called spam   spam caught   from score');
  const percent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)} %`;
  for (const { falseRate, caught, score } of roc)
    console.log(
      `${percent(falseRate, 2).padStart(23)}${percent(caught, 2).padStart(14)}${score.toFixed(2).padStart(13)}`,
    );
}
