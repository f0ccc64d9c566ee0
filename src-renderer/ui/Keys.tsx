/** A shortcut as it stands on the keys. */
export function Keys({ keys }: { readonly keys: string }) {
  return <kbd className="key">{keys}</kbd>;
}
