interface RenameFieldProps {
  readonly label: string;
  readonly name: string;
  readonly className: string;
  /** What was typed; the name itself where Escape was pressed. */
  readonly onDone: (name: string) => void;
}

/** A name while it is changed: Enter and leaving it take what was typed, Escape does not. */
export function RenameField({ label, name, className, onDone }: RenameFieldProps) {
  return (
    <input
      className={`input ${className}`}
      aria-label={label}
      defaultValue={name}
      autoFocus
      onFocus={({ target }) => target.select()}
      onBlur={({ target }) => onDone(target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.value = name;
        if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
