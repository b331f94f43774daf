/** The first exchange: what we offer, what the filter wants of it (SMFIC_OPTNEG). */
import { milterActions, milterSteps, milterVersion, milterVersionMin } from './constants.ts';
import { MilterError, packet, PacketText, type Packet } from './packet.ts';

/** The stages for which a filter may choose the macros it wants (SMFIM_*), by number. */
const stages = ['connect', 'helo', 'mail', 'rcpt', 'data', 'endOfMessage', 'endOfHeaders'] as const;
export type MacroStage = (typeof stages)[number];

export interface Negotiated {
  readonly version: number;
  readonly actions: number;
  readonly steps: number;
  /** Names in the filter's own words (`i`, `{auth_type}`), for the stages it has chosen them for. */
  readonly macros: Readonly<Partial<Record<MacroStage, readonly string[]>>>;
}

const all = (flags: Readonly<Record<string, number>>): number =>
  Object.values(flags).reduce((sum, flag) => sum | flag, 0);

export const offeredActions = all(milterActions);
export const offeredSteps = all(milterSteps);

const fixedBytes = 12;
/** Macros that a filter may choose for one stage. There are some forty in all. */
const macrosMax = 100;

export function offer(): Buffer {
  const data = Buffer.alloc(fixedBytes);
  data.writeUInt32BE(milterVersion, 0);
  data.writeUInt32BE(offeredActions, 4);
  data.writeUInt32BE(offeredSteps, 8);
  return packet('O', data);
}

/** Throws a MilterError for a filter that cannot be talked with: it wants to do what it was not offered, or speaks another version. */
export function negotiated({ kind, data }: Packet): Negotiated {
  if (kind !== 'O') throw new MilterError(`answers the greeting with ${JSON.stringify(kind)}`);
  if (data.length < fixedBytes) throw new MilterError('a greeting cut short');
  const version = data.readUInt32BE(0);
  const actions = data.readUInt32BE(4);
  const steps = data.readUInt32BE(8);
  if (version < milterVersionMin || version > milterVersion)
    throw new MilterError(`speaks version ${version}`);
  if ((actions & ~offeredActions) !== 0)
    throw new MilterError(`wants actions 0x${(actions >>> 0).toString(16)}`);
  if ((steps & ~offeredSteps) !== 0) throw new MilterError(`wants steps 0x${(steps >>> 0).toString(16)}`);
  return { version, actions, steps, macros: chosenMacros(data) };
}

function chosenMacros(data: Buffer): Negotiated['macros'] {
  const chosen: Partial<Record<MacroStage, readonly string[]>> = {};
  for (let at = fixedBytes; at < data.length; ) {
    if (data.length - at < 5) throw new MilterError('a choice of macros cut short');
    const stage = stages[data.readUInt32BE(at)];
    const text = new PacketText(data, at + 4).next();
    if (stage === undefined) throw new MilterError('macros for a stage that does not exist');
    chosen[stage] = text
      .split(/[\s,]+/)
      .filter(Boolean)
      .slice(0, macrosMax);
    at += 4 + text.length + 1;
  }
  return chosen;
}

/** Whether the filter has set one of the steps of the negotiation. */
export const has = ({ steps }: Negotiated, step: keyof typeof milterSteps): boolean =>
  (steps & milterSteps[step]) !== 0;
