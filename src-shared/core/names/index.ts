export { isDeviceName, isPlainName } from './plain-name.ts';
