import { afterAll } from 'vitest';
import { hasOwnDisplays, startDisplay } from './display.ts';

/** Before each file with Electron's windows: a display on which no other file's window can take the focus. */
if (hasOwnDisplays) {
  const display = await startDisplay();
  process.env['DISPLAY'] = display.name;
  // An Electron that finds Wayland would open its windows there.
  delete process.env['WAYLAND_DISPLAY'];
  delete process.env['XAUTHORITY'];
  afterAll(display.stop);
}
