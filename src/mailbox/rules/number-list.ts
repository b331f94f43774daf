/**
 * Lists of numbers as text in the change log: `3,5:9,2`. Order is kept, so two lists of a row go in step; runs that rise by one are ranges.
 */

export function encodeNumbers(numbers: ArrayLike<number>): string {
  let text = '';
  for (let i = 0; i < numbers.length; i++) {
    const first = numbers[i]!;
    let last = first;
    while (i + 1 < numbers.length && numbers[i + 1] === last + 1) {
      last += 1;
      i += 1;
    }
    if (text !== '') text += ',';
    text += first === last ? `${first}` : `${first}:${last}`;
  }
  return text;
}

export function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  if (text === '') return numbers;
  for (const range of text.split(',')) {
    const colon = range.indexOf(':');
    if (colon === -1) {
      numbers.push(Number(range));
      continue;
    }
    const last = Number(range.slice(colon + 1));
    for (let number = Number(range.slice(0, colon)); number <= last; number++) numbers.push(number);
  }
  return numbers;
}
