/** Every operation of this part, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { createBook, destroyBook, noteSharedBook, setDefaultBook, updateBook } from './rows/books.ts';
import { createCards, destroyCards, updateCard } from './rows/cards.ts';
import { checkContacts, dropContacts } from './rows/care.ts';
import { ensureContacts } from './rows/head.ts';
import { searchCards } from './rows/search.ts';

export const operations: readonly AnyOperation[] = [
  checkContacts,
  createBook,
  createCards,
  destroyBook,
  destroyCards,
  dropContacts,
  ensureContacts,
  noteSharedBook,
  searchCards,
  setDefaultBook,
  updateBook,
  updateCard,
];
