/** Light or dark, as the device says or the person. */
import { signal } from '@preact/signals';

/** `auto`: as the device says. */
export type Theme = 'auto' | 'light' | 'dark';

const REMEMBERED = 'medrec.theme';
const remembered = localStorage.getItem(REMEMBERED);

/** The theme. */
export const theme = signal<Theme>(remembered === 'light' || remembered === 'dark' ? remembered : 'auto');

/** Shows the page in it. */
export function applyTheme(chosen: Theme = theme.value): void {
  theme.value = chosen;
  if (chosen === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(REMEMBERED);
  } else {
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem(REMEMBERED, chosen);
  }
}
