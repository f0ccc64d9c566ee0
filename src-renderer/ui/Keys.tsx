import { keyNames, useText } from '../i18n/index.ts';

/** A shortcut as it stands on the keys. */
export function Keys({ keys }: { readonly keys: string }) {
  // Drawn again in another language.
  useText();
  return <kbd className="key">{keyNames(keys)}</kbd>;
}
