export type { PlainData } from './plain-data.ts';
