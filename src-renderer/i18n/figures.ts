import i18next from 'i18next';

/** A number as the language writes it. */
export function formatNumber(value: number, digits = 0): string {
  return value.toLocaleString(i18next.language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Seconds as an editor reads them: "0.8 s", "41 s", "3 min 05 s", "1 h 12 min". */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${formatNumber(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A moment in milliseconds since 1970, as a day and a time; `exact`: to the second. */
export function formatTime(timeMs: number, exact = false): string {
  const timeStyle = exact ? 'medium' : 'short';
  return new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium', timeStyle }).format(timeMs);
}

/** Bytes in decimal units, as disks are sold. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${formatNumber(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${formatNumber(bytes / 1e6)} MB`;
  return `${formatNumber(bytes / 1e9, 1)} GB`;
}
