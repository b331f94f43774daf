/** Subject, text and HTML of a mail: as they are, or rendered from the templates that they are or that it names. */
import { Refusal } from '../../base/refusal.ts';
import type { Renderer, TemplateTexts } from '../../relay/renderer.ts';
import type { Templates } from '../../relay/templates.ts';
import type { NewMessage } from './contract.ts';

export interface RenderParts {
  readonly templates: Templates;
  readonly renderer: Pick<Renderer, 'render'>;
}

type Asked = Pick<NewMessage, 'subject' | 'text' | 'html' | 'template' | 'data' | 'strict'>;

/** What the mail says itself goes over what the template has. */
export async function textsOf(parts: RenderParts, org: string, asked: Asked): Promise<TemplateTexts> {
  const given = {
    ...(asked.subject !== undefined && { subject: asked.subject }),
    ...(asked.text !== undefined && { text: asked.text }),
    ...(asked.html !== undefined && { html: asked.html }),
  };
  if (asked.template === undefined && asked.data === undefined) return given;
  const { template } = asked;
  const found = template && (await parts.templates.get(org, template.name, template.version));
  const strict = asked.strict ?? found?.strict ?? true;
  const texts = { ...found?.texts, ...given };
  return rendered(parts.renderer, { texts, data: asked.data ?? {}, strict });
}

/** Refusal `invalid` with the line that is at fault. */
export async function rendered(
  renderer: RenderParts['renderer'],
  work: Parameters<Renderer['render']>[0],
): Promise<TemplateTexts> {
  const answer = await renderer.render(work);
  if (answer.is === 'rendered') return oneLine(answer.texts);
  throw new Refusal('invalid', answer.detail, { at: answer.field || 'data' });
}

/** A subject is one line, whatever is inserted into it. */
const oneLine = (texts: TemplateTexts): TemplateTexts =>
  texts.subject === undefined
    ? texts
    : { ...texts, subject: texts.subject.replace(/\s*[\r\n\0]+\s*/g, ' ').trim() };
