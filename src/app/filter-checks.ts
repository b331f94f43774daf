/** The checks of the chain of filters, as the settings have them. */
import type { Resolver } from '../net/resolver.ts';
import { attachmentCheck } from '../policy/attachment-check.ts';
import type { AttachmentRules } from '../policy/attachment-rules.ts';
import type { Check } from '../policy/check.ts';
import { classifierCheck } from '../policy/classifier-check.ts';
import type { LearnedTallies } from '../policy/learned.ts';
import { lineCheck } from '../policy/line-check.ts';
import { engineChecks } from './engine-checks.ts';
import { ownChecks, type OwnCheckParts } from './own-checks.ts';
import { lineLists } from './line-lists.ts';

export interface CheckParts extends OwnCheckParts {
  readonly resolver: Resolver;
  readonly learned: LearnedTallies;
}

/** In the order in which they are begun; their order has no other meaning. */
export function openChecks(parts: CheckParts): readonly Check[] {
  const { settings, resolver, learned } = parts;
  return [
    ...ownChecks(parts),
    ...ofLines(parts),
    ...ofAttachments(parts),
    ...(settings.filters.classifier ? [classifierCheck(learned)] : []),
    ...engineChecks(settings, resolver),
  ];
}

function ofLines({ settings, resolver: dns }: CheckParts): readonly Check[] {
  const { action } = settings.ip25b;
  if (action === 'none') return [];
  return [lineCheck({ dns, ...lineLists(settings), action: action === 'weigh' ? undefined : action })];
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
