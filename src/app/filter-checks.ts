/** The checks of the chain of filters, as the settings have them. */
import type { Resolver } from '../net/resolver.ts';
import { attachmentCheck } from '../policy/attachment-check.ts';
import type { AttachmentRules } from '../policy/attachment-rules.ts';
import type { Check } from '../policy/check.ts';
import { classifierCheck } from '../policy/classifier-check.ts';
import type { LearnedTallies } from '../policy/learned.ts';
import { lineCheck, type LineFinder } from '../policy/line-check.ts';
import { engineChecks } from './engine-checks.ts';
import { ownChecks, type OwnCheckParts } from './own-checks.ts';

export interface CheckParts extends OwnCheckParts {
  readonly resolver: Resolver;
  readonly learned: LearnedTallies;
  readonly lines: LineFinder | undefined;
}

/** In the order in which they are begun; their order has no other meaning. */
export function openChecks(parts: CheckParts): readonly Check[] {
  const { settings, resolver, learned, lines } = parts;
  return [
    ...ownChecks(parts),
    ...(lines ? [lineCheck(lines)] : []),
    ...ofAttachments(parts),
    ...(settings.filters.classifier ? [classifierCheck(learned)] : []),
    ...engineChecks(settings, resolver),
  ];
}

const mebibyte = 1024 * 1024;
const attachmentsMs = 30_000;

function ofAttachments({ settings: { attachments: given }, directory }: CheckParts): readonly Check[] {
  if (!given.enabled) return [];
  const server: AttachmentRules = {
    program: given.program,
    disguised: given.disguised,
    encrypted: given.encrypted,
    macro: given.macro,
    bomb: given.bomb,
    unread: given.unread,
  };
  return [
    attachmentCheck({
      keptMaxBytes: given.keptMiB * mebibyte,
      unpackedMaxBytes: given.unpackedMiB * mebibyte,
      timeoutMs: attachmentsMs,
      rulesOf: async (org) => ({ ...server, ...(await directory.filterRules(org))?.attachments }),
    }),
  ];
}
