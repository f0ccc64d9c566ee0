import { create } from 'zustand';
import { languages, setLanguage, type Language } from '../i18n/index.ts';

export type Theme = 'dark' | 'light' | 'system';
export type DialogName = 'models' | 'doctor' | 'shortcuts' | 'versions' | 'settings';

interface Remembered {
  readonly theme: Theme;
  readonly language: Language;
  readonly panelsWidth: number;
  readonly timelineHeight: number;
  readonly showTools: boolean;
  readonly showPanels: boolean;
  readonly showTimeline: boolean;
}

interface LayoutState extends Remembered {
  readonly dialog: DialogName | null;
}

const storageKey = 'hetcut-layout';
const first: Remembered = {
  theme: 'dark',
  language: 'en',
  panelsWidth: 312,
  timelineHeight: 208,
  showTools: true,
  showPanels: true,
  showTimeline: true,
};

/** How the window is laid out: the window's, not the project's. */
export const useLayout = create<LayoutState>()(() => ({ ...first, dialog: null }));

/** Takes what was remembered, and remembers what changes. */
export function startLayout(): void {
  useLayout.setState(remembered());
  applyTheme();
  wantsLight().addEventListener('change', applyTheme);
  document.documentElement.lang = useLayout.getState().language;
  useLayout.subscribe(({ dialog: _, ...kept }, before) => {
    localStorage.setItem(storageKey, JSON.stringify(kept));
    if (kept.theme !== before.theme) applyTheme();
    if (kept.language !== before.language) {
      document.documentElement.lang = kept.language;
      setLanguage(kept.language);
    }
  });
}

const wantsLight = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: light)');

/** What the system wants is settled here, so that styles and canvases know two themes only. */
function applyTheme(): void {
  const { theme } = useLayout.getState();
  const ofSystem = wantsLight().matches ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme === 'system' ? ofSystem : theme;
}

/** Only what still means something: the storage may be of an older version. */
function remembered(): Partial<Remembered> {
  const kept: Record<string, unknown> = {};
  try {
    Object.assign(kept, JSON.parse(localStorage.getItem(storageKey) ?? '{}'));
  } catch {
    return {};
  }
  const names = Object.keys(first) as (keyof Remembered)[];
  const valid = names.filter((name) => typeof kept[name] === typeof first[name]);
  const taken = Object.fromEntries(valid.map((name) => [name, kept[name]])) as Partial<Remembered>;
  const { language = first.language, ...rest } = taken;
  return Object.hasOwn(languages, language) ? { ...rest, language } : rest;
}

export function openDialog(dialog: DialogName | null): void {
  useLayout.setState({ dialog });
}
