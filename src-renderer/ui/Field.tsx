import { useEffect, useId, useState, type ReactNode } from 'react';
import { Tooltip } from './Tooltip.tsx';

interface FieldProps {
  readonly label: string;
  /** What it is and what higher does. */
  readonly help?: string | undefined;
  readonly stacked?: boolean;
  /** Gets the id that the label names. */
  readonly children: (id: string) => ReactNode;
}

/** A control with its label. */
export function Field({ label, help, stacked = false, children }: FieldProps) {
  const id = useId();
  const text = (
    <label className="label" htmlFor={id}>
      {label}
    </label>
  );
  return (
    <div className={stacked ? 'field stacked' : 'field'}>
      {help === undefined ? (
        text
      ) : (
        <Tooltip text={help} side="left">
          {text}
        </Tooltip>
      )}
      {children(id)}
    </div>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly help?: string | undefined;
  /** Undefined: the placeholder's value holds. */
  readonly value: number | undefined;
  readonly placeholder?: string | undefined;
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  readonly disabled?: boolean;
  /** Only with numbers in range; undefined where the field was emptied. */
  readonly onChange: (value: number | undefined) => void;
}

/** A number that takes effect while it is typed, as soon as it is in range. */
export function NumberField({
  label,
  help,
  value,
  placeholder,
  min,
  max,
  whole = false,
  disabled = false,
  onChange,
}: NumberFieldProps) {
  const shown = value === undefined ? '' : String(value);
  const [text, setText] = useState(shown);
  // The value also changes from outside: an undo, another edit.
  useEffect(() => {
    setText((typed) => (readNumber(typed) === value ? typed : shown));
  }, [shown, value]);

  const typed = readNumber(text);
  const fits = typed === undefined || (typed >= min && typed <= max && (!whole || Number.isInteger(typed)));
  return (
    <Field label={label} help={help}>
      {(id) => (
        <input
          id={id}
          className="input figures"
          inputMode="decimal"
          autoComplete="off"
          value={text}
          placeholder={placeholder}
          disabled={disabled}
          aria-invalid={!fits}
          onChange={({ target }) => {
            setText(target.value);
            const next = readNumber(target.value);
            if (next === undefined || (next >= min && next <= max && (!whole || Number.isInteger(next))))
              onChange(next);
          }}
          onBlur={() => setText(shown)}
        />
      )}
    </Field>
  );
}

/** Undefined for an empty text, NaN for what is no number; a decimal comma is a point. */
function readNumber(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text.replace(',', '.'));
}

interface SelectFieldProps {
  readonly label: string;
  readonly help?: string | undefined;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, help, value, options, disabled = false, onChange }: SelectFieldProps) {
  return (
    <Field label={label} help={help}>
      {(id) => (
        <select
          id={id}
          className="input"
          value={value}
          disabled={disabled}
          onChange={({ target }) => {
            onChange(target.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
