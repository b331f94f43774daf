/** What the pages for administrators say of the command line is what it takes. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import type { Command } from 'commander';
import { commandReference } from '../../src/cli/command-reference.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { readSettings } from '../../src/config/read.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', ...globSync('docs/guide/*.md', { cwd: root })];
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The blocks of a page in one language. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, body]) => body!);

/** Command lines of blocks and of code within a sentence. */
function commandLines(text: string): string[] {
  const inBlocks = blocks(text, 'sh').flatMap((body) => body.replaceAll(/\\\n\s*/g, ' ').split('\n'));
  const inline = [...text.matchAll(/`((?:bin\/)?hikyaku [^`]+)`/g)].map(([, line]) => line!);
  return [...inBlocks, ...inline].filter((line) => /^(bin\/)?hikyaku\s/.test(line));
}

/** What is wrong with a line; nothing, if the program knows all of its words. */
function unknownWords(program: Command, line: string): string[] {
  const words = line
    .replace(/\s#.*$/, '')
    .match(/'[^']*'|\S+/g)!
    .slice(1);
  const wrong: string[] = [];
  let command = program;
  let deeper = true;
  for (const word of words) {
    if (word.startsWith('-')) {
      const known = [...command.options, ...program.options];
      if (word !== '--help' && !known.some((one) => one.short === word || one.long === word))
        wrong.push(word);
      continue;
    }
    const next = deeper ? command.commands.find((one) => one.name() === word) : undefined;
    if (next !== undefined) command = next;
    else {
      if (command === program && word !== 'help' && !word.startsWith('<') && !isValue(words, word))
        wrong.push(word);
      deeper = command === program;
    }
  }
  return wrong;
}

/** The value of a global option before the command. */
const isValue = (words: readonly string[], word: string): boolean =>
  /^(-c|--config|-d|--data)$/.test(words[words.indexOf(word) - 1] ?? '');

test('every command and flag that the guide names is one', () => {
  const program = buildProgram();
  let seen = 0;
  for (const page of pages) {
    for (const line of commandLines(textOf(page))) {
      assert.deepEqual(unknownWords(program, line), [], `${page}: ${line}`);
      seen += 1;
    }
  }
  assert.ok(seen > 50, `only ${seen} commands were found`);
  assert.deepEqual(unknownWords(program, 'hikyaku account ad x@y --gnerate'), ['--gnerate']);
  assert.deepEqual(unknownWords(program, 'hikyaku acount list'), ['acount', 'list']);
});

test('every setting that the guide shows is one', () => {
  for (const page of pages) {
    for (const body of blocks(textOf(page), 'toml')) {
      const raw = { hostname: 'mail.example.jp', ...parse(body) };
      const read = readSettings(raw, { SMART_HOST_PASSWORD: 'x', DATABASE_URL: 'postgres://x' });
      assert.equal(read.is, 'settings', `${page}: ${JSON.stringify(read)}`);
    }
  }
});

test('every link of the guide leads to a page', () => {
  for (const page of pages) {
    for (const [, target] of textOf(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      assert.ok(existsSync(join(root, dirname(page), target!)), `${page}: ${target}`);
  }
});

test('the reference page of the commands is the one that they give', () => {
  assert.equal(
    textOf('docs/reference/commands.md'),
    commandReference(buildProgram()),
    'run: hikyaku commands > docs/reference/commands.md',
  );
});
