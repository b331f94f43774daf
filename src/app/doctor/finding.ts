/** What the doctor finds: facts, for which the command line has the words. */

/** `note`: worth knowing, nothing to do. */
export type Level = 'good' | 'note' | 'warning' | 'bad';

/** Each kind of finding, with the facts that its words need. */
export interface Facts {
  dnsAnswers: { server: string; ms: number };
  dnsSilent: { why: string };
  dnssecOn: object;
  dnssecNotTrusted: object;
  dnssecBroken: object;
  hostResolves: { hostname: string; addresses: string };
  hostUnknown: { hostname: string; why: string };
  hostElsewhere: { hostname: string; found: string; own: string };
  addressesUnknown: object;
  reverseGood: { address: string; name: string };
  reverseMissing: { address: string; hostname: string };
  reverseOther: { address: string; found: string; hostname: string };
  reverseUnknown: { address: string; why: string };
  port25Open: { host: string; said: string };
  port25Closed: { tries: string };
  port25ClosedButRouted: { tries: string };
  port25Unknown: { why: string };
  notListed: { address: string; lists: string };
  listed: { address: string; list: string; why: string };
  listUnknown: { list: string; why: string };
  clockRight: { seconds: string; server: string };
  clockWrong: { seconds: string; server: string };
  clockUnknown: { servers: string };
  engineAnswers: { engine: string; address: string; said: string };
  engineSilent: { engine: string; address: string; why: string };
  diskRoom: { folder: string; free: string; percent: number };
  diskLow: { folder: string; free: string; percent: number };
  diskUnknown: { folder: string; why: string };
  filesEnough: { limit: number };
  filesFew: { limit: number; wanted: number };
  certificateGood: { names: string; days: number; issuer: string };
  certificateSoon: { names: string; days: number };
  certificateExpired: { names: string };
  certificateSelfSigned: { names: string };
  certificateUnusable: { problem: string };
  certificateOtherName: { hostname: string };
  serverRuns: object;
  serverNotRunning: { why: string };
  serverUnready: object;
  serverProblem: { name: string; detail: string };
  domainGood: { domain: string };
  domainToDo: { domain: string; required: number; recommended: number };
  domainUnknown: { domain: string; why: string };
}

export type FindingKey = keyof Facts;

export type Finding = {
  [K in FindingKey]: { readonly key: K; readonly level: Level; readonly facts: Readonly<Facts[K]> };
}[FindingKey];

export function finding<K extends FindingKey>(level: Level, key: K, facts: Facts[K]): Finding {
  return { key, level, facts } as Finding;
}
