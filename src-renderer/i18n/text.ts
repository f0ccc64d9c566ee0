import i18next from 'i18next';
import { useCallback, useSyncExternalStore } from 'react';
import { de } from './de.ts';
import { en } from './en.ts';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** A key of the catalogue; one with plurals is named without their endings. */
export type TextKey = WithoutPlural<keyof typeof en>;
type WithoutPlural<Key> = Key extends `${infer Stem}_${'one' | 'other'}` ? Stem : Key;
type Values = Readonly<Record<string, string | number>>;

/** Loads both catalogues and chooses one; done before anything is drawn. */
export async function startLanguage(language: Language): Promise<void> {
  await i18next.init({
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    showSupportNotice: false,
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    resources: { en: { translation: en }, de: { translation: de } },
  });
}

export function setLanguage(language: Language): void {
  void i18next.changeLanguage(language);
}

/** A text outside a component; inside, `useText` follows the language. */
export function text(key: TextKey, values: Values = {}): string {
  return i18next.t(key, values);
}

function subscribe(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => {
    i18next.off('languageChanged', listener);
  };
}

/** The texts of the chosen language; the component is drawn again when it changes. */
export function useText(): typeof text {
  const language = useSyncExternalStore(subscribe, () => i18next.language);
  // A new function for a new language, so that what is memoised on it is made again.
  return useCallback<typeof text>((key, values) => i18next.t(key, { ...values, lng: language }), [language]);
}
