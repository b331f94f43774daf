/** XML as these small documents need it: elements with texts. */

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Text between tags or within quotes. What XML 1.0 cannot hold is left out. */
export const xmlText = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** `<name>text</name>`, one for each. */
export const xmlElements = (elements: Readonly<Record<string, string>>): string =>
  Object.entries(elements)
    .map(([name, text]) => `<${name}>${xmlText(text)}</${name}>`)
    .join('\n');
