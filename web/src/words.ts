/**
 * The page's words. Each feature folder has `words/en.ts` and `words/ja.ts`; a feature's name is its path (`console/queue`), and its words are loaded when
 * it is first shown. `useWords('console/queue')` gives its `t`.
 */
import { createInstance } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export const languages = ['en', 'ja'] as const;
export type Language = (typeof languages)[number];
/** What languages call themselves. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

interface WordTree {
  readonly [key: string]: string | WordTree;
}

const files = import.meta.glob<{ default: WordTree }>('./**/words/*.ts');
const keptAs = 'hikyaku.language';
const i18n = createInstance();

const backend = {
  type: 'backend' as const,
  init() {},
  read(language: string, feature: string, done: (error: Error | null, words: WordTree | null) => void) {
    const load = files[`./${feature}/words/${language}.ts`];
    if (!load) return done(new Error(`no words for ${feature} in ${language}`), null);
    load().then(
      (file) => done(null, file.default),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  },
};

function isLanguage(text: string | null | undefined): text is Language {
  return languages.some((each) => each === text);
}

function firstLanguage(): Language {
  const chosen = localStorage.getItem(keptAs);
  if (isLanguage(chosen)) return chosen;
  return navigator.language.toLowerCase().startsWith('ja') ? 'ja' : 'en';
}

export async function startWords(): Promise<void> {
  await i18n
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      fallbackLng: false,
      ns: ['shell', 'parts'],
      defaultNS: 'shell',
      interpolation: { escapeValue: false },
    });
  tellDocument();
}

/** Chosen by the person, in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(keptAs, language);
  await i18n.changeLanguage(language);
  tellDocument();
}

export function currentLanguage(): Language {
  return isLanguage(i18n.language) ? i18n.language : 'en';
}

function tellDocument(): void {
  document.documentElement.lang = i18n.language;
}

export function useWords(feature: string) {
  const { t } = useTranslation(feature);
  return { t, language: currentLanguage() };
}
