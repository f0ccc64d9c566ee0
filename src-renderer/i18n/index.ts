export { formatBytes, formatNumber, formatSeconds, formatTime } from './figures.ts';
export { keyNames } from './key-names.ts';
export { languages, setLanguage, startLanguage, text, useText, type Language, type TextKey } from './text.ts';
