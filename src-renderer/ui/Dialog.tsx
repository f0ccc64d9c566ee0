import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { create } from 'zustand';
import { useText } from '../i18n/index.ts';
import { IconButton } from './Button.tsx';

interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  /** Buttons below; a dialog that only shows something has none. */
  readonly foot?: ReactNode;
  readonly children: ReactNode;
}

/**
 * Places for notices in the dialogs that are open, the topmost last: what lies outside a dialog can neither be clicked
 * nor heard while it is open.
 */
export const useNoticePlaces = create<{ readonly places: readonly HTMLElement[] }>()(() => ({ places: [] }));

function takePlace(place: HTMLElement | null): (() => void) | undefined {
  if (place === null) return undefined;
  useNoticePlaces.setState(({ places }) => ({ places: [...places, place] }));
  return () => {
    useNoticePlaces.setState(({ places }) => ({ places: places.filter((one) => one !== place) }));
  };
}

export function Dialog({ title, open, onClose, foot, children }: DialogProps) {
  const t = useText();
  return (
    <Radix.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content
          className="dialog"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            // Not the close button: its tooltip would take the first Escape.
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
        >
          <div className="dialog-head">
            <Radix.Title>{title}</Radix.Title>
            <IconButton label={t('close')} shortcut="Esc" onClick={onClose}>
              <X />
            </IconButton>
          </div>
          {/* Focusable, so that the arrow keys scroll it. */}
          <div className="dialog-body" tabIndex={0} role="group" aria-label={title}>
            {children}
          </div>
          <div ref={takePlace} />
          {foot !== undefined && <div className="dialog-foot">{foot}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
