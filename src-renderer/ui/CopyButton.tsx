import { useState } from 'react';
import { useText } from '../i18n/index.ts';
import { Button } from './Button.tsx';

/** Copies what is known of a failure, for whoever is asked for help. Lines that are undefined are left out. */
export function CopyButton({ details }: { readonly details: readonly (string | undefined)[] }) {
  const t = useText();
  const [state, setState] = useState<'details' | 'done' | 'failed'>('details');
  return (
    <>
      <Button
        className="copy-button"
        onClick={() => {
          navigator.clipboard.writeText(details.filter((line) => line !== undefined).join('\n')).then(
            () => {
              setState('done');
            },
            () => {
              setState('failed');
            },
          );
        }}
        onBlur={() => {
          setState('details');
        }}
      >
        {t(`copy.${state}`)}
      </Button>
      <span className="visually-hidden" role="status">
        {state !== 'details' && t(`copy.${state}`)}
      </span>
    </>
  );
}
