/**
 * Codes that large receivers put into their replies and document: of their own making, so that they mean one thing whatever stands around them.
 *
 * Sources: postmaster pages of Orange and La Poste (OFR, LPN), GoDaddy (IB), Cox (AUP#CX), Spectrum (AUP#), Facebook, i.ua, Yahoo, AOL, Comcast.
 */
import type { FailureReason } from './reasons.ts';

interface CodeTable {
  readonly name: string;
  /** Its first group is the code. */
  readonly pattern: RegExp;
  readonly reasons: Readonly<Record<string, FailureReason>>;
}

/** `addressBlocked: 101 102` → { 101: 'addressBlocked', … } */
function table(lines: Partial<Record<FailureReason, string>>): Record<string, FailureReason> {
  const reasons: Record<string, FailureReason> = {};
  for (const [reason, codes] of Object.entries(lines))
    for (const code of codes.split(' ')) reasons[code] = reason as FailureReason;
  return reasons;
}

const tables: readonly CodeTable[] = [
  {
    name: 'Orange, La Poste',
    pattern: /\b(?:LPN|LPNAAA|OFR|OUK)(?:\d{3})?[-_]?(\d{3})\b/i,
    reasons: table({
      addressBlocked: '101 102 103 510 999',
      tooManyConnections: '104',
      security: '305 402',
      unauthenticated: '401 517',
      senderRefused: '403 405 415 421',
      noSuchUser: '416 418',
      mailboxFull: '417',
      mailboxDisabled: '420 426',
      system: '505',
      spam: '506',
      tooLarge: '514',
      policy: '630',
    }),
  },
  {
    name: 'GoDaddy',
    pattern: /\b(IB\d{3})\b/,
    reasons: table({
      security: 'IB401',
      notCompliant: 'IB501 IB502',
      senderRefused: 'IB506',
      unauthenticated: 'IB508',
      noReverseName: 'IB108',
      spam: 'IB212',
      virus: 'IB705',
      tooManyConnections: 'IB605 IB007',
      tooFast: 'IB101 IB504 IB510 IB607',
      addressBlocked: 'IB104 IB105 IB106 IB110 IB111 IB112 IB113',
      badReputation: 'IB103',
    }),
  },
  {
    name: 'Cox',
    pattern: /AUP#(C[A-Z]{3,6}|IPBL[01]{4,5}|URLBL[01]{3,4})\b/,
    reasons: table({
      addressBlocked:
        'CXBL CDRBL IPBL0001 IPBL0010 IPBL0100 IPBL0011 IPBL0101 IPBL0110 IPBL0111 IPBL1000 IPBL1001 IPBL1010 IPBL1011 IPBL1100 IPBL1101 IPBL1110 IPBL1111 IPBL00001',
      noReverseName: 'CXDNS',
      unauthenticated: 'CXSNDR',
      senderRefused: 'CXSMTP',
      tooManyConnections: 'CXCNCT CXMXRT',
      security: 'CXTHRT CXMJ',
      spam: 'URLBL011 URLBL101 URLBL110 URLBL1001',
    }),
  },
  {
    name: 'Facebook',
    pattern: /\b((?:POL|RCP|MSG|INT|DNS|CON)-[PT]\d)\b/,
    reasons: table({
      unauthenticated: 'POL-P7',
      addressBlocked: 'POL-P1 POL-P2 POL-P3 POL-P4 POL-T1 POL-T2 POL-T3',
      content: 'MSG-P2',
      filtered: 'RCP-P2 RCP-P3',
      mailboxFull: 'INT-P7',
      tooLarge: 'MSG-P1 INT-P2',
      notCompliant: 'MSG-P3',
      policy: 'POL-P8',
      senderRefused: 'DNS-P1 DNS-P2 DNS-T1',
      noReverseName: 'DNS-P3 DNS-T2',
      spam: 'POL-P6',
      mailboxDisabled: 'RCP-T4',
      system: 'RCP-T1 INT-T1 INT-T2 INT-T3 INT-T4 INT-T5',
      tooManyConnections: 'CON-T1 CON-T2 CON-T3 CON-T4 MSG-T1',
      noSuchUser: 'RCP-P1 INT-P1 INT-P3 INT-P4',
      virus: 'POL-P5',
    }),
  },
  {
    name: 'i.ua',
    pattern: /\.i\.ua\/err\/(\d{1,2})/i,
    reasons: table({
      noRelay: '1 6',
      noSuchUser: '2',
      mailboxDisabled: '3',
      mailboxFull: '4',
      tooManyConnections: '5',
      addressBlocked: '7 9',
      senderRefused: '8',
      filtered: '10',
    }),
  },
  {
    name: 'AOL',
    pattern: /\b((?:RTR|HVU|RLY|DYN|CON|DMARC):[A-Z]{1,2}\d?)\b/,
    reasons: table({
      addressBlocked: 'RTR:BB RTR:DU RTR:SC RTR:BL RLY:BL RLY:IR CON:B1',
      virus: 'RTR:CH',
      noReverseName: 'RTR:RD',
      system: 'RTR:GE',
      spam: 'HVU:B1 HVU:B2 RLY:BD RLY:CH',
      tooFast: 'RLY:B1 RLY:B2 DYN:T1 DYN:T2',
      senderRefused: 'RLY:SN',
    }),
  },
];

/** AUP#1310: ranges of one meaning each. */
const spectrum: readonly (readonly [from: number, to: number, reason: FailureReason])[] = [
  [1000, 1000, 'addressBlocked'],
  [1010, 1080, 'senderRefused'],
  [1090, 1090, 'system'],
  [1100, 1150, 'noReverseName'],
  [1160, 1190, 'policy'],
  [1200, 1250, 'addressBlocked'],
  [1260, 1260, 'network'],
  [1300, 1340, 'tooManyConnections'],
  [1350, 1490, 'tooFast'],
  [1500, 1520, 'senderRefused'],
  [1530, 1530, 'tooLarge'],
  [1540, 1550, 'tooFast'],
  [1560, 1560, 'policy'],
  [1580, 1580, 'tooFast'],
];

export function reasonOfCode(text: string): readonly [FailureReason, string] | undefined {
  for (const { name, pattern, reasons } of tables) {
    const code = pattern.exec(text)?.[1];
    const reason = code === undefined ? undefined : reasons[code.toUpperCase()];
    if (reason) return [reason, `${name} ${code}`];
  }
  const number = Number(/AUP#[-A-Za-z]*(\d{4})\b/.exec(text)?.[1] ?? 0);
  const range = spectrum.find(([from, to]) => number >= from && number <= to);
  return range && [range[2], `Spectrum ${String(number)}`];
}
