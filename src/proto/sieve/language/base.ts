/** Commands and tests of the base language (RFC 5228, 3 to 5), with what `copy`, `imap4flags` and `mailbox` and their kin add to its actions. */
import type { Call } from './call.ts';
import { type CommandDefinition, step, type Test, test, type TestDefinition } from './definition.ts';
import type { Scope } from './scope.ts';

export const stop: CommandDefinition = { name: 'stop', compile: () => () => 'stop' };

export const discard: CommandDefinition = {
  name: 'discard',
  compile: () =>
    step((run) => {
      run.keep = 'cancelled';
      run.act({ is: 'discard', at: run.at, rule: run.rule });
    }),
};

export const constants: readonly TestDefinition[] = [true, false].map((value) => ({
  name: `${value}`,
  compile: () => test(() => value),
}));

export const not: TestDefinition = {
  name: 'not',
  tests: 'one',
  compile(call, scope) {
    const [inner] = testsOf(call, scope);
    if (inner === undefined) return test(() => false);
    const { always } = inner;
    return { holds: (run) => !run.holds(inner), ...(always === undefined ? {} : { always: !always }) };
  },
};

/** Tests behind one that is known to fail are never reached: they may use what is not there (RFC 5463, 4). */
export const allof: TestDefinition = {
  name: 'allof',
  tests: 'list',
  compile(call, scope) {
    const tests = testsOf(call, scope, false);
    const always = tests.some((each) => each.always === false)
      ? false
      : tests.every((each) => each.always === true)
        ? true
        : undefined;
    return {
      holds: (run) => tests.every((each) => run.holds(each)),
      ...(always === undefined ? {} : { always }),
    };
  },
};

export const anyof: TestDefinition = {
  name: 'anyof',
  tests: 'list',
  compile(call, scope) {
    const tests = testsOf(call, scope, true);
    const always = tests.some((each) => each.always === true)
      ? true
      : tests.every((each) => each.always === false)
        ? false
        : undefined;
    return {
      holds: (run) => tests.some((each) => run.holds(each)),
      ...(always === undefined ? {} : { always }),
    };
  },
};

/** Up to the first that decides, whatever follows. */
function testsOf(call: Call, scope: Scope, decides?: boolean): Test[] {
  const tests: Test[] = [];
  for (const node of call.tests) {
    const compiled = scope.compiler.test(node, scope);
    tests.push(compiled);
    if (decides !== undefined && compiled.always === decides) break;
  }
  return tests;
}

export const size: TestDefinition = {
  name: 'size',
  tags: [
    { name: 'over', group: 'size' },
    { name: 'under', group: 'size' },
  ],
  args: ['number'],
  compile(call, scope) {
    const limit = call.number(0);
    const which = call.chosen('size');
    if (which === undefined) scope.error(call.at, 'tagMissing', ':over', ':under');
    return test(({ letter }) => (which === 'over' ? letter.sizeBytes > limit : letter.sizeBytes < limit));
  },
};
