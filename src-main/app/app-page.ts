/** Where the pages and media of the program live; nothing else is ever loaded. */
export const appScheme = 'hetcut';
const appHost = 'app';
export const appUrl = `${appScheme}://${appHost}/index.html`;

/** Names of the IPC channels between preload and main process. */
export const channels = {
  call: 'hetcut:call',
  event: 'hetcut:event',
  allowPath: 'hetcut:allow-path',
} as const;

/** True for addresses of the program's own pages and media. */
export function isAppAddress(address: string): boolean {
  try {
    const { protocol, host } = new URL(address);
    return protocol === `${appScheme}:` && host === appHost;
  } catch {
    return false;
  }
}
