/**
 * Libraries empty an element by `innerHTML = ''`. That is all that may be made HTML of without a policy of its own; every other text is refused, and
 * where the server's policy is not in force, this is not either.
 */
interface PolicyFactory {
  createPolicy(name: string, rules: { readonly createHTML: (text: string) => string }): unknown;
}

export function allowEmptyHtml(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyFactory };
  trustedTypes?.createPolicy('default', {
    createHTML(text) {
      if (text !== '') throw new TypeError('text is not made HTML here');
      return '';
    },
  });
}
