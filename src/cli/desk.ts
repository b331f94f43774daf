/**
 * What the commands for organisations, domains, accounts and addresses share: whose something is, lists, answers as tables or JSON, and questions
 * before something goes.
 */
import type { Command } from 'commander';
import { domainToUnicode } from 'node:url';
import type { Account, Domain, Org } from '../app/admin-answers.ts';
import { ControlError, type Control, type FieldNames, type Listed } from './control.ts';
import { CommandFailure, exitCodes, usageError } from './failure.ts';
import { spokenLanguage, type Language } from './language.ts';
import { openControl } from './settings-file.ts';
import { table, type Column } from './table.ts';
import { isInteractive, terminal } from './terminal.ts';

export const admin = '/api/v1/admin';
/** A piece of a path. */
export const part = (text: string): string => encodeURIComponent(text);

export interface ListOptions {
  readonly search?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export function withList(command: Command): Command {
  return command
    .option('-q, --search <text>', 'only those with this in their name')
    .option('-n, --limit <count>', 'at most so many; 0 is all', '200')
    .option('--json', 'as JSON');
}

export const withJson = (command: Command): Command => command.option('--json', 'as JSON');
export const withOrg = (command: Command): Command =>
  command.option('--org <name>', 'organisation, by name or id; not needed when there is one');
export const withYes = (command: Command): Command => command.option('-y, --yes', 'do not ask');

export class Desk {
  readonly control: Control;
  readonly #json: boolean;

  constructor(command: Command) {
    this.control = openControl(command);
    this.#json = command.opts<{ json?: boolean }>().json === true;
  }

  send<T>(method: string, path: string, body?: unknown, names?: FieldNames): Promise<T> {
    const options = { ...(body === undefined ? {} : { body }), ...(names === undefined ? {} : { names }) };
    return this.control.call<T>(method, admin + path, options);
  }

  /** The organisation that was named, or the only one. */
  async org(named: string | undefined): Promise<Org> {
    const { items } = await this.control.list<Org>(`${admin}/orgs`, {}, Number.MAX_SAFE_INTEGER);
    const found = items.filter((org) => named === undefined || org.id === named || org.name === named);
    if (found.length === 1) return found[0]!;
    if (named !== undefined)
      throw new CommandFailure(
        found.length === 0
          ? `no organisation is called ${named}`
          : `several organisations are called ${named}: name it by its id`,
        exitCodes.notFound,
      );
    if (items.length === 0)
      throw new CommandFailure(
        'there is no organisation yet: make one with "hikyaku org add"',
        exitCodes.notFound,
      );
    throw usageError(
      `say which organisation: --org ${items.map(({ name }) => JSON.stringify(name)).join(', or ')}`,
    );
  }

  domain(name: string): Promise<Domain> {
    const asked = this.send<Domain>('GET', `/domains/${part(name)}`);
    return named(asked, `${name} is not a domain of this server`);
  }

  /** The organisation that has the domain of an address. */
  async orgOf(address: string): Promise<string> {
    const at = address.lastIndexOf('@');
    if (at < 1) throw usageError(`"${address}" is not an address`);
    return (await this.domain(address.slice(at + 1))).org;
  }

  account(address: string): Promise<Account> {
    const asked = this.send<Account>('GET', `/accounts/${part(address)}`);
    return named(asked, `there is no account ${address}`);
  }

  list<T>(path: string, { search, limit }: ListOptions): Promise<Listed<T>> {
    const max = Number(limit);
    if (!Number.isInteger(max) || max < 0) throw usageError(`--limit: "${limit}" is not a number`);
    const query = search === undefined ? {} : { q: search };
    return this.control.list<T>(admin + path, query, max === 0 ? Number.MAX_SAFE_INTEGER : max);
  }

  printList<T>({ items, more }: Listed<T>, columns: readonly Column<T>[]): void {
    if (this.#json) return this.#printJson(items);
    console.log(table(items, columns).join('\n'));
    if (more) console.error('There are more: --limit 0 shows all, --search those with a name.');
  }

  /** One thing: as JSON if that was asked for, else in these lines. */
  print(value: unknown, lines: readonly string[]): void {
    if (this.#json) this.#printJson(value);
    else if (lines.length > 0) console.log(lines.join('\n'));
  }

  #printJson(value: unknown): void {
    console.log(JSON.stringify(value, null, 2));
  }
}

/** Asks before something goes; without a terminal, `--yes` has to be said. */
export async function confirmed(
  { yes }: { readonly yes?: boolean },
  question: Readonly<Record<Language, string>>,
): Promise<void> {
  if (yes === true) return;
  if (!isInteractive()) throw usageError('nobody is there to ask: say --yes if you mean it');
  if (!(await terminal.confirm(question[spokenLanguage()])))
    throw new CommandFailure('nothing was changed', exitCodes.cancelled);
}

/** An address or domain as people read it: 例え.jp, not xn--r8jz45g.jp. */
export function readable(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToUnicode(address.slice(at)) || address.slice(at));
}

/** What the server says of something that is not there, with its name. */
async function named<T>(asked: Promise<T>, message: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ControlError && error.status === 404)
      throw new CommandFailure(message, exitCodes.notFound);
    throw error;
  }
}
