/**
 * Mantine in our colours. Its variables are put into a style sheet made by script, not into `<style>` elements: those would be written as HTML, which
 * the page's policy (Trusted Types) forbids. For the same reason components that write styles of their own (Grid, SimpleGrid, responsive props) are
 * not used: layout is in our style sheets.
 */
import {
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
  type MantineColorsTuple,
} from '@mantine/core';

const ai: MantineColorsTuple = [
  '#eef4fa',
  '#dbe7f2',
  '#b5cde4',
  '#8cb2d6',
  '#699bca',
  '#417fb6',
  '#2f6a9e',
  '#1f4e79',
  '#193f62',
  '#13304b',
];
const shu: MantineColorsTuple = [
  '#fdf0ed',
  '#f9dcd5',
  '#f2b6a9',
  '#eb8d79',
  '#e0694f',
  '#d4533a',
  '#c8442b',
  '#b03920',
  '#8f2d19',
  '#6e2213',
];
const matsu: MantineColorsTuple = [
  '#edf7f2',
  '#d9ede3',
  '#b1dac6',
  '#86c6a8',
  '#4fa680',
  '#3b916c',
  '#2f7d5b',
  '#256849',
  '#1c5239',
  '#143c2a',
];
const oudo: MantineColorsTuple = [
  '#fbf5e8',
  '#f5e8cb',
  '#ecd299',
  '#e1ba64',
  '#cf9f45',
  '#c49238',
  '#b8862b',
  '#98701f',
  '#80590f',
  '#5e420b',
];

export const theme = createTheme({
  colors: { ai, shu, matsu, oudo },
  primaryColor: 'ai',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.5', md: '1.5', lg: '1.5', xl: '1.4' },
  headings: { fontFamily: 'var(--font)', fontWeight: '600' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Once, before anything is drawn. */
export function adoptTheme(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ':root'),
  );
  // Before ours: what tokens.css says of Mantine's colours stands.
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
}
