/** Tests of mailboxes and their annotations (RFC 5490; RFC 9042; RFC 8579). Answers come from whoever has the mailboxes. */
import { compileMatch, matchTags } from '../match/match-type.ts';
import { test, type TestDefinition } from './definition.ts';
import { isUse } from './placing.ts';
import type { Run } from './run.ts';

/** All of them are there, and messages may be put into them. */
const mailboxexists: TestDefinition = {
  name: 'mailboxexists',
  needs: 'mailbox',
  args: ['strings'],
  compile(call) {
    const names = call.texts(0);
    return test((run) =>
      names.every((name) => run.ask<'mailbox'>({ is: 'mailbox', name: name.read(run) }).exists),
    );
  },
};

const mailboxidexists: TestDefinition = {
  name: 'mailboxidexists',
  needs: 'mailboxid',
  args: ['strings'],
  compile(call) {
    const ids = call.texts(0);
    return test((run) =>
      ids.every((id) => run.ask<'mailboxId'>({ is: 'mailboxId', id: id.read(run) }).exists),
    );
  },
};

/** With a mailbox, whether it has all of these uses; without, whether there is one for each. */
const specialuseExists: TestDefinition = {
  name: 'specialuse_exists',
  needs: 'special-use',
  args: ['string', 'strings'],
  firstOptional: true,
  compile(call, scope) {
    const mailbox = call.hasFirst ? call.text(0) : undefined;
    const uses = call.texts(1);
    for (const { constant, at } of uses)
      if (constant !== undefined && !isUse(constant)) scope.error(at, 'specialUse', constant);
    return test((run) => {
      const wanted = uses.map((use) => use.read(run));
      if (mailbox === undefined)
        return wanted.every((use) => run.ask<'specialUse'>({ is: 'specialUse', use }).exists);
      const there = run.ask<'mailbox'>({ is: 'mailbox', name: mailbox.read(run) });
      const has = new Set(there.uses.map((use) => use.toLowerCase()));
      return there.exists && wanted.every((use) => has.has(use.toLowerCase()));
    });
  },
};

const annotation = (run: Run, name: string, mailbox?: string): string | undefined =>
  run.ask<'annotation'>({ is: 'annotation', mailbox, name });

const metadata: TestDefinition = {
  name: 'metadata',
  needs: 'mboxmetadata',
  tags: matchTags,
  args: ['string', 'string', 'strings'],
  compile(call, scope) {
    const [mailbox, name] = [call.text(0), call.text(1)];
    const match = compileMatch(call, scope, call.texts(2));
    return test((run) => {
      const value = annotation(run, name.read(run), mailbox.read(run));
      return match(run, { values: value === undefined ? [] : [value] });
    });
  },
};

const metadataexists: TestDefinition = {
  name: 'metadataexists',
  needs: 'mboxmetadata',
  args: ['string', 'strings'],
  compile(call) {
    const mailbox = call.text(0);
    const names = call.texts(1);
    return test((run) =>
      names.every((name) => annotation(run, name.read(run), mailbox.read(run)) !== undefined),
    );
  },
};

const servermetadata: TestDefinition = {
  name: 'servermetadata',
  needs: 'servermetadata',
  tags: matchTags,
  args: ['string', 'strings'],
  compile(call, scope) {
    const name = call.text(0);
    const match = compileMatch(call, scope, call.texts(1));
    return test((run) => {
      const value = annotation(run, name.read(run));
      return match(run, { values: value === undefined ? [] : [value] });
    });
  },
};

const servermetadataexists: TestDefinition = {
  name: 'servermetadataexists',
  needs: 'servermetadata',
  args: ['strings'],
  compile(call) {
    const names = call.texts(0);
    return test((run) => names.every((name) => annotation(run, name.read(run)) !== undefined));
  },
};

export const mailboxTests: readonly TestDefinition[] = [
  mailboxexists,
  mailboxidexists,
  specialuseExists,
  metadata,
  metadataexists,
  servermetadata,
  servermetadataexists,
];
