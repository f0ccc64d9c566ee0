import { describe, expect, it } from 'vitest';
import { placeWindow } from './window-state.ts';

const primary = { x: 0, y: 25, width: 1920, height: 1055 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };
const centre = { x: 240, y: 102, width: 1440, height: 900, maximised: false };

describe('placeWindow', () => {
  it('returns a place that is on a screen, also on the second', () => {
    const state = { x: 2000, y: 50, width: 1000, height: 700, maximised: true };
    expect(placeWindow(state, [primary, second])).toEqual(state);
  });

  it('centres where nothing was stored, or what was stored is damaged', () => {
    for (const stored of [undefined, 'x', {}, { ...centre, width: -3 }, { ...centre, x: NaN }, [1, 2]]) {
      expect(placeWindow(stored, [primary])).toEqual(centre);
    }
  });

  it('comes back from a screen that is gone, still maximised', () => {
    const state = { x: 2000, y: 50, width: 1000, height: 700, maximised: true };
    expect(placeWindow(state, [primary])).toEqual({ ...centre, maximised: true });
  });

  it('does not hide its title bar above or below the screen', () => {
    const state = { x: 100, y: 100, width: 1000, height: 700, maximised: false };
    expect(placeWindow({ ...state, y: -200 }, [primary])).toEqual(centre);
    expect(placeWindow({ ...state, y: 1070 }, [primary])).toEqual(centre);
  });

  it('shrinks to a screen that has become smaller', () => {
    const state = { x: 0, y: 25, width: 3000, height: 2000, maximised: false };
    expect(placeWindow(state, [primary])).toEqual({ ...state, width: 1920, height: 1055 });
  });
});
