import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveHome } from './home.ts';

describe('resolveHome', () => {
  it('takes HETCUT_HOME before anything else, as an absolute path', () => {
    expect(resolveHome({ HETCUT_HOME: '/data/hetcut', XDG_DATA_HOME: '/x' }, 'linux')).toBe('/data/hetcut');
    expect(resolveHome({ HETCUT_HOME: 'here' }, 'linux')).toBe(resolve('here'));
  });

  it("is the platform's usual place otherwise, also where the variable is empty", () => {
    const user = homedir();
    expect(resolveHome({ HETCUT_HOME: '' }, 'linux')).toBe(join(user, '.local', 'share', 'hetcut'));
    expect(resolveHome({ XDG_DATA_HOME: '/x' }, 'linux')).toBe('/x/hetcut');
    expect(resolveHome({}, 'darwin')).toBe(join(user, 'Library', 'Application Support', 'HetCut'));
    expect(resolveHome({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/HetCut');
  });
});
