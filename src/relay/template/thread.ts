/**
 * The thread that renders templates: liquidjs with limits on parsing, rendering, memory and output. Nothing of the program is within its reach; a
 * render that takes too long is ended with the thread (renderer.ts).
 */
import { parentPort } from 'node:worker_threads';
import { Liquid, type Template } from 'liquidjs';
import type { Rendered, RenderWork, TemplateField, TemplateTexts } from './messages.ts';

/** Characters of one template. */
const parseMax = 512 * 1024;
const renderMs = 500;
/** What liquidjs counts as memory: characters and items made. */
const memoryMax = 4_000_000;
/** Characters of one rendered text. */
const outputMax = 2 * 1024 * 1024;
/** Parsed templates kept, by their text. */
const keptMax = 200;

const limits = {
  parseLimit: parseMax,
  renderLimit: renderMs,
  memoryLimit: memoryMax,
  ownPropertyOnly: true,
  // No template is another's: there are no files to include.
  templates: {},
  relativeReference: false,
};
const engines = {
  html: new Liquid({ ...limits, outputEscape: 'escape' }),
  plain: new Liquid(limits),
  strictHtml: new Liquid({ ...limits, outputEscape: 'escape', strictVariables: true }),
  strictPlain: new Liquid({ ...limits, strictVariables: true }),
};

const parsed = new Map<string, Template[]>();
const fields: readonly TemplateField[] = ['subject', 'text', 'html'];

function parsedOf(name: keyof typeof engines, source: string): Template[] {
  const key = `${name} ${source}`;
  let found = parsed.get(key);
  if (found === undefined) {
    if (parsed.size >= keptMax) parsed.clear();
    found = engines[name].parse(source);
    parsed.set(key, found);
  }
  return found;
}

/** With `strict`, an insertion that comes out empty is an error, not only one that is not there. */
function render({ texts, data, strict }: RenderWork): Rendered {
  const out: { -readonly [K in TemplateField]?: string } = {};
  for (const field of fields) {
    const source = texts[field];
    if (source === undefined) continue;
    const name = field === 'html' ? (strict ? 'strictHtml' : 'html') : strict ? 'strictPlain' : 'plain';
    try {
      const templates = parsedOf(name, source);
      const rendered = engines[name].renderSync(templates, data);
      if (typeof rendered !== 'string') throw new Error('gives no text');
      if (rendered.length > outputMax) throw new Error(`gives more than ${outputMax} characters`);
      const empty = strict ? emptyInsertion(name, templates, data) : undefined;
      if (empty !== undefined) throw new Error(`{{ ${empty} }} is empty`);
      out[field] = rendered;
    } catch (error) {
      return { is: 'faulty', field, detail: detailOf(error) };
    }
  }
  return { is: 'rendered', texts: out satisfies TemplateTexts };
}

/** The first output of the top level that renders to nothing: those within conditions and loops may. */
function emptyInsertion(
  name: keyof typeof engines,
  templates: readonly Template[],
  data: object,
): string | undefined {
  for (const template of templates) {
    if (template.constructor.name !== 'Output') continue;
    const said = engines[name].renderSync([template], data) as unknown;
    if (typeof said === 'string' && said.trim() === '') {
      const { token } = template as unknown as { token: { getText(): string } };
      return token.getText().replace(/^\{\{-?\s*|\s*-?\}\}$/g, '');
    }
  }
  return undefined;
}

/** liquidjs puts the source below its message: one line is enough for people. */
function detailOf(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: String(error) };
  return message.split('\n', 1)[0]!.slice(0, 300);
}

parentPort!.on('message', (work: RenderWork) => parentPort!.postMessage(render(work)));
