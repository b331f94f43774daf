/** Address books and cards are numbered per account from one counter, never reused; clients see a letter and the number in base 32. */
export type BookNumber = number;
export type CardNumber = number;

export const bookId = (number: BookNumber): string => `b${number.toString(32)}`;
export const cardId = (number: CardNumber): string => `c${number.toString(32)}`;
export const bookNumber = (id: string): BookNumber | undefined => numberOf('b', id);
export const cardNumber = (id: string): CardNumber | undefined => numberOf('c', id);

function numberOf(letter: string, id: string): number | undefined {
  return id.startsWith(letter) && /^[1-9a-v][0-9a-v]{0,8}$/.test(id.slice(1))
    ? Number.parseInt(id.slice(1), 32)
    : undefined;
}
