import { useText, type TextKey } from '../i18n/index.ts';
import { toolKeys } from '../state/tool-keys.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Keys } from '../ui/Keys.tsx';
import { windowKeys } from './shortcuts.ts';
import './shortcuts-sheet.css';

interface Group {
  readonly title: TextKey;
  readonly rows: readonly (readonly [TextKey, ...string[]])[];
}

const groups: readonly Group[] = [
  {
    title: 'shortcuts.playback',
    rows: [
      ['shortcuts.play', 'Space'],
      ['shortcuts.backwards', 'J'],
      ['shortcuts.stop', 'K'],
      ['shortcuts.forwards', 'L'],
      ['shortcuts.stepHeld', 'J', 'L'],
      ['viewer.loop', 'Shift+L'],
      ['shortcuts.step', ',', '.'],
      ['shortcuts.ends', 'Home', 'End'],
      ['shortcuts.editInOut', 'I', 'O'],
      ['shortcuts.inOut', 'Shift+I', 'Shift+O'],
      ['viewer.zoomIn', 'Ctrl+↑'],
      ['viewer.zoomOut', 'Ctrl+↓'],
      ['viewer.zoomFit', 'Ctrl+0'],
      ['viewer.zoomFull', 'Ctrl+1'],
      ['timeline.zoomIn', 'Ctrl+→'],
      ['timeline.zoomOut', 'Ctrl+←'],
    ],
  },
  {
    title: 'shortcuts.window',
    rows: [
      ['shortcuts.run', windowKeys.run],
      ['menu.undo', windowKeys.undo],
      ['menu.redo', windowKeys.redo],
      ['menu.openClip', windowKeys.openClip],
      ['menu.openProject', windowKeys.openProject],
      ['menu.save', windowKeys.save],
      ['menu.saveAs', windowKeys.saveAs],
      ['menu.closeProject', windowKeys.newProject],
      ['jobs.export', windowKeys.export],
      ['menu.tools', windowKeys.tools],
      ['menu.timeline', windowKeys.timeline],
      ['menu.panels', windowKeys.panels],
      ['shortcuts.this', windowKeys.shortcuts],
    ],
  },
  {
    title: 'shortcuts.mask',
    rows: [
      ['tool.move', toolKeys.move],
      ['tool.brush', toolKeys.brush],
      ['tool.eraser', toolKeys.eraser],
      ['tool.lasso', toolKeys.lasso],
      ['tool.box', toolKeys.box],
      ['tool.ellipse', toolKeys.ellipse],
      ['tool.polygon', toolKeys.polygon],
      ['shortcuts.brushSize', '[', ']'],
      ['shortcuts.brushSoftness', 'Shift+[', 'Shift+]'],
      ['shortcuts.place', 'Enter'],
      ['shortcuts.nudge', 'Ctrl+Shift+←→↑↓'],
      ['shortcuts.resize', 'Alt+←→↑↓'],
      ['shortcuts.resizeMore', 'Alt+Shift+←→↑↓'],
      ['shortcuts.turn', 'Alt+PgUp', 'Alt+PgDn'],
      ['shortcuts.corner', 'Tab', '←→↑↓'],
      ['tool.overlay', windowKeys.overlay],
      ['tool.tokens', windowKeys.tokens],
      ['timeline.keyBefore', '↑'],
      ['timeline.keyAfter', '↓'],
      ['timeline.addKey', 'Shift+K'],
      ['shortcuts.delete', 'Delete'],
    ],
  },
];

export function ShortcutsSheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const t = useText();
  return (
    <Dialog title={t('shortcuts.title')} open={open} onClose={onClose}>
      <div className="shortcuts">
        {groups.map(({ title, rows }) => (
          <section key={title}>
            <h3 className="quiet">{t(title)}</h3>
            <dl>
              {rows.map(([key, ...keys]) => (
                <div key={key}>
                  <dt>{t(key)}</dt>
                  <dd>
                    {keys.map((one) => (
                      <Keys key={one} keys={one} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
