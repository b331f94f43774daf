/** A sink as the command line runs it: scenarios by name or file, mails kept in mbox files, control while it runs, the settings that lead a server to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { systemClock } from '../base/clock.ts';
import { readScenario, type ReadScenario } from '../config/sink-scenario.ts';
import type { Scenario } from '../sink/options.ts';
import type { Endpoint } from '../net/endpoint.ts';
import { listenForControl, type Tell } from '../sink/control.ts';
import { MboxFiles } from '../sink/mbox.ts';
import { reportLines, LiveLine, type SinkReport } from '../sink/report.ts';
import { Sink } from '../sink/sink.ts';

const folder = new URL('../sink/scenarios/', import.meta.url);
const ending = '.toml';

export interface SinkRun {
  /** A shipped scenario, or a file. */
  readonly scenario: string;
  readonly address: string;
  readonly port: number;
  readonly dns?: Endpoint;
  readonly control?: Endpoint;
  readonly returnTo?: Endpoint;
  readonly tokenHeader?: string;
  /** Folder of mbox files. */
  readonly store?: string;
  readonly onNote?: (note: string) => void;
}

export interface RunningSink extends AsyncDisposable {
  readonly sink: Sink;
  /** Where it listens for control. */
  readonly control: { readonly host: string; readonly port: number } | undefined;
  report(): SinkReport;
  /** The scenario's file is read again; problems are thrown and change nothing. */
  reload(): void;
}

/** A scenario with problems: `problems` has all of them. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

export const shippedScenarios = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();

/** The text of a shipped scenario: something to begin one's own with. */
export function shippedText(name: string): string | undefined {
  return shippedScenarios().includes(name)
    ? readFileSync(new URL(`${name}${ending}`, folder), 'utf8')
    : undefined;
}

/** By name, or a file. Throws a ScenarioError. */
export function loadScenario(nameOrFile: string): Scenario {
  const read = readByName(nameOrFile);
  if (read.is === 'scenario') return read.scenario;
  const lines = read.problems.map(
    ({ path, text }) => `${nameOrFile}: ${path}${path === '' ? '' : ' '}${text}`,
  );
  throw new ScenarioError(lines.join('\n'));
}

function readByName(nameOrFile: string): ReadScenario {
  const includes = (name: string): unknown => {
    const text = shippedText(name);
    return text === undefined ? undefined : parse(text);
  };
  try {
    return readScenario(parse(shippedText(nameOrFile) ?? readFileSync(nameOrFile, 'utf8')), includes);
  } catch (error) {
    const text =
      error instanceof TomlError
        ? `line ${error.line}: ${error.message.split('\n')[0]}`
        : (error as Error).message;
    return { is: 'problems', problems: [{ path: '', text }] };
  }
}

export async function runSink(run: SinkRun): Promise<RunningSink> {
  await using parts = new AsyncDisposableStack();
  const clock = systemClock;
  const files = run.store === undefined ? undefined : parts.use(new MboxFiles(run.store, clock));
  const sink = parts.use(
    await Sink.start({
      name: run.scenario,
      scenario: loadScenario(run.scenario),
      clock,
      address: run.address,
      port: run.port,
      ...(run.dns ? { dns: run.dns } : {}),
      ...(run.returnTo ? { returnTo: run.returnTo } : {}),
      ...(run.tokenHeader === undefined ? {} : { tokenHeader: run.tokenHeader }),
      ...(files ? { keep: files.keep } : {}),
      ...(run.onNote ? { onNote: run.onNote } : {}),
    }),
  );
  const control = run.control && parts.use(await listenForControl(run.control, clock, teller(sink)));
  const moved = parts.move();
  return {
    sink,
    control: control?.address,
    report: () => sink.report(),
    reload: () => sink.change(run.scenario, loadScenario(run.scenario)),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

function teller(sink: Sink): Tell {
  return (command, argument) => {
    switch (command) {
      case 'report':
        return sink.report();
      case 'providers':
        return sink.providers;
      case 'scenario':
        return sink.change(argument, loadScenario(argument));
      case 'set':
        return change(sink, argument);
      default:
        throw new Error('report, providers, scenario NAME, or set {"name":…}');
    }
  };
}

/** Through the schema, as a file would be: so a change is checked, and has its defaults. */
function change(sink: Sink, json: string): void {
  const raw = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const known = sink.providers.find(({ name }) => name === raw['name']);
  if (known === undefined) throw new Error(`no provider is called ${String(raw['name'])}`);
  const read = readScenario({ providers: [{ ...known, ...raw }] }, () => undefined);
  if (read.is === 'problems')
    throw new Error(read.problems.map(({ path, text }) => `${path} ${text}`).join('; '));
  sink.change('changed', read.scenario);
}

export const liveLine = (): { next(report: SinkReport): string } => new LiveLine();
export const sinkReportLines = reportLines;

/** What a server needs in its settings so that all its mail goes here. */
export function settingsFor({ dns, places }: Sink): string {
  const port = places[0]?.port ?? 25;
  return [
    '[dns]',
    `servers = ["${dns ? `${dns.ip}:${dns.port}` : ''}"]`,
    '',
    '[delivery]',
    `port = ${port}`,
    'ownNetworksAllowed = true',
    '',
  ].join('\n');
}
