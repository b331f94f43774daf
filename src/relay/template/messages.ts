/** What crosses between a renderer and its thread. */

/** Texts of one template; what is absent is not part of the mail. */
export interface TemplateTexts {
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
}

export type TemplateField = keyof TemplateTexts;

export interface RenderWork {
  readonly texts: TemplateTexts;
  readonly data: Readonly<Record<string, unknown>>;
  /** What is missing or empty is an error. */
  readonly strict: boolean;
}

export type Rendered =
  | { readonly is: 'rendered'; readonly texts: TemplateTexts }
  | { readonly is: 'faulty'; readonly field: TemplateField | ''; readonly detail: string };
