/** urn:ietf:params:jmap:vacationresponse (RFC 8621, 8): one record for each account, kept as a Sieve script that runs before the user's own. */
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import type { HttpParts } from '../../parts.ts';
import type { Capability } from '../method.ts';
import { type Call, getMethod, type Properties, type RecordChanging, setMethod } from '../records.ts';
import { checkNames, notFound } from '../set-error.ts';
import { type Vacation, vacationScript } from './script.ts';

type VacationParts = Pick<HttpParts, 'profiles' | 'scripts' | 'directory'>;

const singleton = 'singleton';
const properties = ['isEnabled', 'fromDate', 'toDate', 'subject', 'textBody', 'htmlBody'] as const;
const none: Vacation = {
  isEnabled: false,
  fromDate: null,
  toDate: null,
  subject: null,
  textBody: null,
  htmlBody: null,
};
const subjectMaxBytes = 1000;
const bodyMaxBytes = 256 * 1024;

export function vacation(parts: HttpParts): Capability {
  const type = vacationResponse(parts);
  return {
    uri: 'urn:ietf:params:jmap:vacationresponse',
    ofServer: {},
    ofAccount: async ({ isPersonal }) => (isPersonal ? {} : undefined),
    methods: { 'VacationResponse/get': getMethod(type), 'VacationResponse/set': setMethod(type) },
  };
}

function vacationResponse(parts: VacationParts): RecordChanging {
  const { profiles } = parts;
  return {
    name: 'VacationResponse',
    properties,
    state: async ({ account }) => String(await profiles.version(account.id, 'VacationResponse')),
    async get(call, ids) {
      if (!call.account.isPersonal || (ids !== undefined && !ids.includes(singleton))) return [];
      const { value } = await read(parts, call);
      return [{ id: singleton, ...value }];
    },
    async create() {
      throw new SetError('singleton', 'there is one already');
    },
    async update(call, id, patch) {
      if (id !== singleton || !call.account.isPersonal) throw notFound();
      const kept = await read(parts, call);
      const now = { id: singleton, ...kept.value };
      const next = patched(now, patch);
      checkNames(
        touched(patch).filter((name) => name !== 'id' || next['id'] !== singleton),
        { known: properties },
      );
      const value = valueOf(next);
      await store(parts, call, { id: kept.id, value });
      return null;
    },
    async destroy(_, id) {
      if (id !== singleton) throw notFound();
      throw new SetError('singleton', 'it stays');
    },
  };
}

async function read(
  { profiles }: VacationParts,
  { account }: Call,
): Promise<{ id: number | undefined; value: Vacation }> {
  const [kept] = await profiles.list<Vacation>(account.id, 'VacationResponse');
  return { id: kept?.id, value: kept?.value ?? none };
}

/** The script first: a record never says that it is on when it is not. */
async function store(
  { profiles, scripts, directory }: VacationParts,
  { account }: Call,
  { id, value }: { readonly id: number | undefined; readonly value: Vacation },
): Promise<void> {
  const owner = await directory.account(account.id);
  if (owner === undefined) throw notFound();
  const addresses = await directory.ownAddresses(owner.id, owner.org);
  const script = value.isEnabled ? vacationScript(value, { addresses, language: owner.language }) : undefined;
  await scripts.setVacation(account.id, script === undefined ? undefined : Buffer.from(script));
  const data = JSON.stringify(value);
  const write = id === undefined ? ({ is: 'create', data } as const) : ({ is: 'update', id, data } as const);
  await profiles.write(account.id, 'VacationResponse', [write]);
}

function valueOf(given: Properties): Vacation {
  const { isEnabled = false, fromDate = null, toDate = null } = given;
  const { subject = null, textBody = null, htmlBody = null } = given;
  const fits = (text: unknown, maxBytes: number): boolean =>
    text === null || (typeof text === 'string' && Buffer.byteLength(text) <= maxBytes);
  const wrong: string[] = [];
  if (typeof isEnabled !== 'boolean') wrong.push('isEnabled');
  if (!isDate(fromDate)) wrong.push('fromDate');
  if (!isDate(toDate)) wrong.push('toDate');
  if (!fits(subject, subjectMaxBytes) || /[\r\n]/.test(String(subject))) wrong.push('subject');
  if (!fits(textBody, bodyMaxBytes)) wrong.push('textBody');
  if (!fits(htmlBody, bodyMaxBytes)) wrong.push('htmlBody');
  if (wrong.length > 0) throw invalidProperties(wrong);
  return { isEnabled, fromDate, toDate, subject, textBody, htmlBody } as Vacation;
}

const isDate = (value: unknown): boolean =>
  value === null ||
  (typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value)));
