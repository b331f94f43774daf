/**
 * Reads a DMARC aggregate report, of the form of RFC 9990 and of RFC 7489 with what reporters make of it: words in any case, elements in any order, unknown ones
 * passed over. Bounded in rows and in what a row has.
 */
import type {
  DkimAuthResult,
  DmarcReport,
  DmarcRow,
  PublishedPolicy,
  SpfAuthResult,
} from './dmarc-report.ts';
import { type XmlEvent, xmlElements } from './xml-elements.ts';

/** Rows of a report; those of the largest receivers about the largest senders have some ten thousands. */
const rowsMax = 100_000;
const partsMax = 100;
/** Of the report's own elements. */
const headDepth = 2;
const countMax = 2 ** 40;

/** An element within the report. */
interface Element {
  readonly texts: Map<string, string>;
  readonly children: Map<string, Element[]>;
  readonly errors: string[];
  size: number;
}

const emptyElement = (): Element => ({ texts: new Map(), children: new Map(), errors: [], size: 0 });

/** Undefined: it is none. */
export function readDmarcReport(text: string): DmarcReport | undefined {
  const head = emptyElement();
  const rows: DmarcRow[] = [];
  let found = false;
  let cut = false;
  const reading = xmlElements(text);
  for (let next = reading.next(); !next.done; next = reading.next()) {
    const event = next.value;
    if (event.is === 'open' && event.name === 'feedback') found = true;
    else if (event.is === 'open' && event.name === 'record' && found) {
      const [element] = readElement(reading, event.depth);
      if (rows.length < rowsMax) rows.push(rowOf(element));
      else cut = true;
    } else if (event.is === 'open' && found && event.depth === headDepth) {
      add(head, event.name, ...readElement(reading, event.depth));
    }
  }
  const report = found ? reportOf(head, rows, cut) : undefined;
  return report === undefined || (report.policy.domain === '' && rows.length === 0) ? undefined : report;
}

/** All of an element that was opened at this depth, with its text. */
function readElement(events: Iterator<XmlEvent>, depth: number): readonly [Element, string] {
  const stack: Element[] = [emptyElement()];
  for (;;) {
    const { value: event, done } = events.next();
    if (done === true) return [stack[0]!, ''];
    if (event.is === 'open') {
      stack.push(emptyElement());
      continue;
    }
    if (event.depth === depth) return [stack[0]!, event.text];
    const closed = stack.pop()!;
    add(stack.at(-1)!, event.name, closed, event.text);
  }
}

/** An element that has others in it, or only text. Beyond what is kept of one, nothing. */
function add(to: Element, name: string, what: Element, text: string): void {
  if (to.size >= partsMax) return;
  to.size += 1;
  if (what.size === 0) {
    if (name === 'error') to.errors.push(text);
    else if (!to.texts.has(name)) to.texts.set(name, text);
    return;
  }
  const known = to.children.get(name);
  if (known === undefined) to.children.set(name, [what]);
  else known.push(what);
}

const child = (of: Element, name: string): Element => of.children.get(name)?.[0] ?? emptyElement();
const childrenOf = (of: Element, name: string): readonly Element[] => of.children.get(name) ?? [];
const textOf = (of: Element, ...names: readonly string[]): string =>
  names.map((name) => of.texts.get(name)).find((text) => text !== undefined) ?? '';
const wordOf = (of: Element, ...names: readonly string[]): string => textOf(of, ...names).toLowerCase();
const domainOf = (of: Element, name: string): string => wordOf(of, name).replace(/\.$/, '');

function reportOf(head: Element, rows: readonly DmarcRow[], cut: boolean): DmarcReport {
  const metadata = child(head, 'report_metadata');
  const range = child(metadata, 'date_range');
  return {
    version: textOf(head, 'version'),
    orgName: textOf(metadata, 'org_name'),
    email: textOf(metadata, 'email'),
    contact: textOf(metadata, 'extra_contact_info'),
    reportId: textOf(metadata, 'report_id'),
    beginSeconds: numberOf(textOf(range, 'begin')),
    endSeconds: numberOf(textOf(range, 'end')),
    errors: metadata.errors,
    generator: textOf(metadata, 'generator'),
    policy: policyOf(child(head, 'policy_published')),
    rows,
    cut,
  };
}

const policyOf = (published: Element): PublishedPolicy => ({
  domain: domainOf(published, 'domain'),
  p: wordOf(published, 'p'),
  sp: wordOf(published, 'sp'),
  np: wordOf(published, 'np'),
  adkim: wordOf(published, 'adkim'),
  aspf: wordOf(published, 'aspf'),
  pct: wordOf(published, 'pct'),
  fo: wordOf(published, 'fo'),
  testing: wordOf(published, 'testing'),
  discovery: wordOf(published, 'discovery_method'),
});

function rowOf(record: Element): DmarcRow {
  const row = child(record, 'row');
  const evaluated = child(row, 'policy_evaluated');
  const identifiers = child(record, record.children.has('identifiers') ? 'identifiers' : 'identities');
  const results = child(record, 'auth_results');
  return {
    sourceIp: wordOf(row, 'source_ip'),
    count: numberOf(textOf(row, 'count')),
    disposition: wordOf(evaluated, 'disposition'),
    dkim: wordOf(evaluated, 'dkim'),
    spf: wordOf(evaluated, 'spf'),
    reasons: childrenOf(evaluated, 'reason').map((reason) => ({
      type: wordOf(reason, 'type'),
      comment: textOf(reason, 'comment'),
    })),
    headerFrom: domainOf(identifiers, 'header_from'),
    envelopeFrom: domainOf(identifiers, 'envelope_from'),
    envelopeTo: domainOf(identifiers, 'envelope_to'),
    dkimResults: childrenOf(results, 'dkim').map(dkimOf),
    spfResults: childrenOf(results, 'spf').map(spfOf),
  };
}

const dkimOf = (element: Element): DkimAuthResult => ({
  domain: domainOf(element, 'domain'),
  selector: textOf(element, 'selector'),
  result: wordOf(element, 'result'),
  comment: textOf(element, 'human_result'),
});

const spfOf = (element: Element): SpfAuthResult => ({
  domain: domainOf(element, 'domain'),
  scope: wordOf(element, 'scope') || 'mfrom',
  result: wordOf(element, 'result'),
});

/** 0 for what is no number, as an empty element or text. */
function numberOf(text: string): number {
  const value = /^\d{1,15}(?:\.0*)?$/.test(text) ? Math.trunc(Number(text)) : 0;
  return Math.min(value, countMax);
}
