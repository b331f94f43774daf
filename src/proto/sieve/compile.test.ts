import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { capabilities } from './capability.ts';
import { compileScript } from './compile.ts';
import { problemLine, problemText, type ProblemCode } from './problem.ts';
import { problemsOf } from './testing.ts';
import { words } from './words/problems.ts';

const cases: readonly (readonly [what: string, source: string, ...problems: string[]])[] = [
  ['a character that is nothing', 'keep; @', '1:7 strayCharacter'],
  ['a missing semicolon', 'keep\nstop;', '2:1 semicolonMissing'],
  ['a missing semicolon at the end', 'keep', '1:5 semicolonMissing'],
  ['a list of tests where none is', 'keep (true);', '1:7 noTestHere'],
  ['a string that does not end', 'redirect "a@b.example;\n', '1:10 stringNotClosed'],
  ['a text that does not end', 'redirect text:\nabc\n', '1:10 multiLineNotClosed'],
  ['a comment that does not end', 'keep; /* x', '1:7 commentNotClosed'],
  ['a block that does not end', 'if true { keep;', '1:9 blockNotClosed'],
  ['a brace too many', 'if true { keep; } }', '1:19 blockNotOpen'],
  ['an empty list', 'if header [] "x" { keep; }', '1:12 stringExpected'],
  ['an unknown command', 'frobnicate "x";', '1:1 commandUnknown'],
  ['an unknown test', 'if frob "x" { keep; }', '1:4 testUnknown'],
  ['a test as a command', 'header "a" "b";', '1:1 testNotCommand'],
  ['a capability that is not required', 'fileinto "x";', '1:1 needs'],
  ['a capability that is not there', 'require ["fileinto", "vnd.other"];', '1:22 capabilityUnknown'],
  ['a late require', 'keep;\nrequire "fileinto";', '2:1 requireLate'],
  ['an else alone', 'else { keep; }', '1:1 elseWithoutIf'],
  ['two elses', 'if true { } else { } else { }', '1:22 elseWithoutIf'],
  ['an if without a block', 'if true;', '1:1 blockMissing'],
  ['a keep with a block', 'keep { }', '1:1 noBlockHere'],
  ['not with a list', 'if not (true, false) { }', '1:4 oneTest'],
  ['anyof without a list', 'if anyof true { }', '1:4 testListMissing'],
  ['size without a side', 'if size 10 { }', '1:4 tagMissing'],
  ['size with both sides', 'if size :over :under 10 { }', '1:15 tagsExclude'],
  ['a tag twice', 'if header :is :is "a" "b" { }', '1:15 tagTwice'],
  ['two match types', 'if header :is :contains "a" "b" { }', '1:15 tagsExclude'],
  ['a tag that is not there', 'keep :copy;', '1:6 tagUnknown'],
  ['a tag of a capability that is not required', 'redirect :copy "a@b.example";', '1:10 tagNeeds'],
  ['a tag behind an argument', 'if header "a" :is "b" { }', '1:15 tagTooLate'],
  ['a tag without its value', 'if header :comparator "a" { }', '1:4 argumentCount', '1:23 comparatorUnknown'],
  ['a number for a string', 'if header 1 "b" { }', '1:11 argumentKind'],
  ['a missing argument', 'if header "a" { }', '1:4 argumentCount'],
  ['an unknown comparator', 'if header :comparator "i;x" "a" "b" { }', '1:23 comparatorUnknown'],
  [
    'a comparator that is not required',
    'if header :comparator "i;ascii-numeric" "a" "1" { }',
    '1:23 comparatorNeeds',
  ],
  [
    'a comparator without substrings',
    'require "comparator-i;ascii-numeric";\nif header :contains :comparator "i;ascii-numeric" "a" "1" { }',
    '2:11 comparatorSubstring',
  ],
  ['an address whose bracket stays open', 'redirect "Bob <bob@b.example";', '1:10 addressInvalid'],
  [
    'a variable in the name of a script',
    'require ["include", "variables"]; include "${x}";',
    '1:43 scriptName',
  ],
  [
    'a header value with a NUL',
    'require ["editheader", "encoded-character"]; addheader "X" "a${hex:00}";',
    '1:60 fieldValue',
  ],
  [
    'an option of notify without a value',
    'require "enotify"; notify :options "x" "mailto:a@b.example";',
    '1:36 notifyOption',
  ],
  ['an address that is none', 'redirect "not an address";', '1:10 addressInvalid'],
  ['an address test of a subject', 'if address "Subject" "x" { }', '1:12 notAddressField'],
  ['a number that is none', 'if size :over 10kb { }', '1:15 badNumber'],
  ['a number too large', 'if size :over 99999999999999999999 { }', '1:15 numberTooLarge'],
  ['a variable that cannot be set', 'require "variables"; set "1" "x";', '1:26 variableName'],
  ['a namespace nobody has', 'require "variables"; set "a" "${x.y}";', '1:30 namespaceUnknown'],
  ['a match variable too high', 'require "variables"; set "a" "${99}";', '1:30 matchVariableTooHigh'],
  ['modifiers of one precedence', 'require "variables"; set :upper :lower "a" "b";', '1:33 tagsExclude'],
  [
    'no Unicode character',
    'require "encoded-character"; redirect "${unicode:D800}";',
    '1:39 notUnicode',
    '1:39 addressInvalid',
  ],
  ['an expression that is none', 'require "regex"; if header :regex "a" "(b" { }', '1:21 regexInvalid'],
  ['a break outside a loop', 'require "foreverypart"; break;', '1:25 breakOutside'],
  ['global without variables', 'require "include"; global "a";', '1:20 needs'],
  [
    'a variable global too late',
    'require ["include", "variables"]; set "a" "1"; global "a";',
    '1:55 globalAfterSet',
  ],
  ['a method that is not there', 'require "enotify"; notify "xmpp:a@b";', '1:27 notifyMethod'],
];

for (const [what, source, ...expected] of cases) {
  test(`told with its place: ${what}`, () => assert.deepEqual(problemsOf(source), expected));
}

test('every mistake of a script is told at once', () => {
  const source = 'frob;\nif header "a" { keep; }\nif true { bla; }\nredirect "x";\n';
  assert.deepEqual(problemsOf(source), [
    '1:1 commandUnknown',
    '2:4 argumentCount',
    '3:11 commandUnknown',
    '4:10 addressInvalid',
  ]);
});

test('problems are told in English and Japanese, all of them', () => {
  const [problem] = compileScriptProblems('\n  frob;');
  assert.equal(problemLine(problem!, 'en'), 'line 2, column 3: there is no command "frob"');
  assert.equal(problemLine(problem!, 'ja'), '2行目 3文字目: 「frob」というコマンドはありません');
  for (const code of Object.keys(words) as ProblemCode[]) {
    for (const language of ['en', 'ja'] as const) {
      const text = problemText(
        { is: 'error', at: { line: 1, column: 1 }, code, with: ['1', '2', '3'] },
        language,
      );
      assert.doesNotMatch(text, /\{\d\}|undefined/);
    }
  }
});

function compileScriptProblems(source: string) {
  const compiled = compileScript(source);
  return compiled.is === 'program' ? compiled.warnings : compiled.problems;
}

test('every capability can be required', () => {
  for (const capability of capabilities) assert.deepEqual(problemsOf(`require "${capability}";`), []);
});

test('fifteen nested blocks and tests are fine, hundreds are an error', () => {
  const nested = (depth: number): string => `${'if true { '.repeat(depth)}keep;${' }'.repeat(depth)}`;
  assert.deepEqual(problemsOf(nested(15)), []);
  assert.deepEqual(problemsOf(`if ${'not '.repeat(15)}true { keep; }`), []);
  const codes = (source: string): string[] => problemsOf(source).map((problem) => problem.split(' ')[1]!);
  assert.ok(codes(nested(500)).includes('nestedTooDeep'));
  assert.ok(codes(`if ${'not '.repeat(500)}true { keep; }`).includes('nestedTooDeep'));
  assert.ok(codes(`if ${'anyof('.repeat(50_000)}`).includes('nestedTooDeep'));
});

test('there is an end to variables, their names, and loops within loops', () => {
  const codes = (source: string): string[] => problemsOf(source).map((problem) => problem.split(' ')[1]!);
  const sets = (count: number): string => Array.from({ length: count }, (_, i) => `set "v${i}" "";`).join('');
  assert.deepEqual(codes(`require "variables"; ${sets(255)}`), []);
  assert.ok(codes(`require "variables"; ${sets(256)}`).includes('tooManyVariables'));
  assert.deepEqual(codes(`require "variables"; set "${'n'.repeat(64)}" "";`), []);
  assert.equal(codes(`require "variables"; set "${'n'.repeat(65)}" "";`).length, 1);
  const loops = (depth: number): string =>
    `require "foreverypart"; ${'foreverypart { '.repeat(depth)}keep;${' }'.repeat(depth)}`;
  assert.deepEqual(codes(loops(10)), []);
  assert.equal(codes(loops(11)).length, 1);
});

test('a script above its size is refused', () => {
  assert.deepEqual(problemsOf(`#${'x'.repeat(1024 * 1024)}`), ['1:1 scriptTooLarge']);
});

test('the names of rules come from the comments in front', () => {
  const source = `# rule:[Lists]
if header "a" "b" { keep; }
# Mail of the boss
elsif true { }
/* Everything else */ keep;`;
  const compiled = compileScript(source);
  assert.ok(compiled.is === 'program');
  assert.deepEqual(compiled.program.rules, [
    { line: 2, name: 'Lists' },
    { line: 5, name: 'Everything else' },
  ]);
});

test('a byte order mark, bare line feeds and octets that are no UTF-8 are taken', () => {
  assert.deepEqual(problemsOf('\ufeffkeep;\n'), []);
  const latin1 = Buffer.from('if header "subject" "caf\xe9" { keep; } # \xff\r\n', 'latin1');
  assert.equal(compileScript(latin1).is, 'program');
});

test('whatever the source, there is an answer', () => {
  const pieces = fc.constantFrom(
    'if ',
    'keep;',
    'header ',
    ':is ',
    '"a" ',
    '"',
    '[',
    ']',
    '(',
    ')',
    '{',
    '}',
    ',',
    ';',
    'text:\n.\n',
    '/*',
    '*/',
    '#',
    '\n',
    '10K ',
    'require "variables";',
    'set "a" "${b}";',
    'not ',
    'anyof ',
    '\\',
    '\0',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((list) => list.join('')),
      ),
      (source) => {
        const compiled = compileScript(source);
        assert.ok(compiled.is === 'program' || compiled.problems.length > 0);
      },
    ),
    { numRuns: 500 },
  );
});
