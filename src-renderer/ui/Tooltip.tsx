import { Tooltip as Radix } from 'radix-ui';
import type { ReactElement } from 'react';
import { Keys } from './Keys.tsx';

interface TooltipProps {
  readonly text: string;
  /** As `Keys` reads it: "Ctrl+Z". */
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref and the pointer's events. */
  readonly children: ReactElement;
}

/** What a control does, and its key, while the pointer or the focus is on it. */
export function Tooltip({ text, shortcut, side = 'bottom', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          <span>{text}</span>
          {shortcut !== undefined && <Keys keys={shortcut} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const TooltipProvider = Radix.Provider;
