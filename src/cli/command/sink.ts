/** `hikyaku sink`: receivers to practise against. */
import { writeFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import {
  liveLine,
  loadScenario,
  runSink,
  settingsFor,
  shippedScenarios,
  shippedText,
  sinkReportLines,
  type RunningSink,
} from '../../app/sink.ts';
import { systemClock } from '../../base/clock.ts';
import { scenarioReference } from '../../config/reference.ts';
import { CommandFailure, exitCodes } from '../failure.ts';

interface RunOptions {
  readonly address: string;
  readonly port: number;
  readonly dns: Place | undefined;
  readonly control?: Place;
  readonly returnTo?: Place;
  readonly tokenHeader?: string;
  readonly store?: string;
  readonly report?: string;
  readonly seconds?: number;
  readonly quiet?: boolean;
}

interface Place {
  readonly ip: string;
  readonly port: number;
}

const liveMs = 1000;

export function addSink(program: Command): void {
  const sink = program
    .command('sink')
    .description('receivers to practise against: they play Gmail, docomo and others, with their limits');
  sink
    .command('run [scenario]')
    .description(
      'play a scenario, by name or from a file (default: plain); Ctrl-C ends it with a report, SIGHUP reads the file again',
    )
    .option('--address <ip>', 'the first loopback address of the mail servers', '127.44.0.1')
    .option('--port <port>', 'SMTP port of all of them', portOf, 2525)
    .option('--dns <ip:port>', 'where the name server answers', placeOf, { ip: '127.44.0.1', port: 5453 })
    .option('--no-dns', 'no name server')
    .option('--control <ip:port>', 'where it listens for control', placeOf)
    .option('--return-to <ip:port>', 'where bounces, complaints and automatic replies go', placeOf)
    .option('--token-header <name>', 'a header field that tells messages apart: duplicates are counted')
    .option('--store <folder>', 'keep all mail there, in mbox files')
    .option('--report <file>', 'write the report there, as JSON')
    .option('--seconds <n>', 'end by itself after so long', secondsOf)
    .option('--quiet', 'no line each second')
    .action(play);
  sink
    .command('scenarios')
    .description('the scenarios that come with the program')
    .action(() => {
      for (const name of shippedScenarios()) console.log(`${name.padEnd(14)} ${loadScenario(name).summary}`);
    });
  sink
    .command('show <scenario>')
    .description('the file of a scenario, to begin one of your own with')
    .action((name: string) => {
      const text = shippedText(name);
      if (text === undefined) throw new CommandFailure(`no scenario is called ${name}`, exitCodes.notFound);
      console.log(text.trimEnd());
    });
  sink
    .command('check <scenario>')
    .description('only check a scenario, and name every problem')
    .action((name: string) => {
      const { providers, stages } = loadScenario(name);
      console.log(`${name}: no problems (${providers.length} providers, ${stages.length} stages)`);
    });
  sink
    .command('reference')
    .description('the reference page of scenario files')
    .action(() => console.log(scenarioReference().trimEnd()));
}

async function play(scenario: string | undefined, options: RunOptions): Promise<void> {
  const { dns, control, returnTo, tokenHeader, store } = options;
  const running = await runSink({
    scenario: scenario ?? 'plain',
    address: options.address,
    port: options.port,
    onNote: (note) => console.log(`        ${note}`),
    ...(dns ? { dns } : {}),
    ...(control ? { control } : {}),
    ...(returnTo ? { returnTo } : {}),
    ...(tokenHeader === undefined ? {} : { tokenHeader }),
    ...(store === undefined ? {} : { store }),
  });
  introduce(running, scenario ?? 'plain');
  const live = liveLine();
  using every = systemClock.after(liveMs, () => {
    if (options.quiet !== true) console.log(live.next(running.report()));
    every.restart();
  });
  const reason = await ended(running, options.seconds);
  await running[Symbol.asyncDispose]();
  const report = running.report();
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  console.log(['', ...sinkReportLines(report)].join('\n'));
  process.exit(reason);
}

function introduce({ sink }: RunningSink, scenario: string): void {
  const first = sink.places[0]!;
  const servers = sink.places.length === 1 ? 'one address' : `${sink.places.length} addresses`;
  console.log(
    `${scenario}: ${sink.domains} domains, mail servers on ${servers} from ${first.ip}:${first.port}`,
  );
  if (sink.dns) console.log(`name server ${sink.dns.ip}:${sink.dns.port}\n\n${settingsFor(sink)}`);
  console.log('Ready.');
}

/** Resolves with the exit code once it is to end. */
function ended(running: RunningSink, seconds: number | undefined): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  process.once('SIGINT', () => resolve(exitCodes.done));
  process.once('SIGTERM', () => resolve(exitCodes.done));
  process.on('SIGHUP', () => {
    try {
      running.reload();
      console.log('        scenario read again');
    } catch (error) {
      console.error((error as Error).message);
    }
  });
  process.on('SIGUSR2', () => console.log(sinkReportLines(running.report()).join('\n')));
  if (seconds !== undefined) systemClock.after(seconds * 1000, () => resolve(exitCodes.done));
  return promise;
}

function placeOf(text: string): Place {
  const [, ip, port] = /^\[?([0-9a-f.:]+?)\]?:(\d{1,5})$/i.exec(text) ?? [];
  if (ip === undefined) throw new InvalidArgumentError('an address and a port, as 127.0.0.1:2525');
  return { ip, port: portOf(port!) };
}

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('0 to 65535');
  return Number(text);
}

function secondsOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('whole seconds');
  return Number(text);
}
