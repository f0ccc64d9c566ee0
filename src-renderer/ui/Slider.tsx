import { Slider as Radix } from 'radix-ui';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly vertical?: boolean;
  /** What the value means, for those who do not see it. */
  readonly valueText?: string;
  readonly onChange: (value: number) => void;
}

export function Slider({
  label,
  value,
  min,
  max,
  step = 1,
  vertical = false,
  valueText,
  onChange,
}: SliderProps) {
  return (
    <Radix.Root
      className={vertical ? 'slider vertical' : 'slider'}
      value={[value]}
      min={min}
      max={max}
      step={step}
      orientation={vertical ? 'vertical' : 'horizontal'}
      onValueChange={([next]) => {
        onChange(next);
      }}
    >
      <Radix.Track className="track">
        <Radix.Range className="filled" />
      </Radix.Track>
      <Radix.Thumb className="thumb" aria-label={label} aria-valuetext={valueText} />
    </Radix.Root>
  );
}
