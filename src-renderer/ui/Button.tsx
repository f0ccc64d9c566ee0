import type { ComponentPropsWithRef } from 'react';
import { Tooltip } from './Tooltip.tsx';

interface ButtonProps extends ComponentPropsWithRef<'button'> {
  readonly primary?: boolean;
  readonly large?: boolean;
}

export function Button({ primary = false, large = false, className = '', ...rest }: ButtonProps) {
  const names = ['button', primary && 'primary', large && 'large', className].filter(Boolean).join(' ');
  return <button type="button" className={names} {...rest} />;
}

interface IconButtonProps extends ComponentPropsWithRef<'button'> {
  /** Its accessible name and its tooltip. */
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  readonly small?: boolean;
}

export function IconButton({ label, shortcut, side, small = false, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut} {...(side !== undefined && { side })}>
      <button
        type="button"
        className={small ? 'icon-button small' : 'icon-button'}
        aria-label={label}
        {...rest}
      />
    </Tooltip>
  );
}
