/** Names that Windows keeps for devices in every folder, whatever their ending (Microsoft, "Naming Files, Paths, and Namespaces"). */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:[.:].*)?$/i;

/** Whether Windows takes a name for a device: to open it may wait for ever, to write to it loses what is written. */
export function isDeviceName(name: string): boolean {
  return device.test(name);
}

/**
 * Whether a name is that of a file in a folder, on every system, and nothing else: no way up or down, no drive or stream, no
 * device, nothing that a system cuts off.
 */
export function isPlainName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- those are what is looked for
  const odd = /[/\\:*?"<>|\u0000-\u001f\u007f]/.test(name);
  return name !== '' && name.length <= 255 && !odd && !/[. ]$/.test(name) && !isDeviceName(name);
}
