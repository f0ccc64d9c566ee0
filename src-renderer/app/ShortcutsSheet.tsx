import { useState, type KeyboardEvent } from 'react';
import { keyNames, useText, type TextKey } from '../i18n/index.ts';
import { keysOf } from '../state/key-events.ts';
import {
  chooseKeys,
  commands,
  toolNames,
  useHasChosenKeys,
  useKeysFor,
  usualKeys,
  type Command,
} from '../state/key-map.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Keys } from '../ui/Keys.tsx';
import { windowKeys } from './shortcuts.ts';
import './shortcuts-sheet.css';

/** What a row shows: a command whose keys can be chosen, or a text and keys that stay. */
type Row = Command | readonly [TextKey, ...string[]];
interface Group {
  readonly title: TextKey;
  readonly rows: readonly Row[];
}

const groups: readonly Group[] = [
  {
    title: 'shortcuts.playback',
    rows: [
      ['shortcuts.play', 'Space'],
      'backwards',
      'stop',
      'forwards',
      ['shortcuts.stepHeld', 'J', 'L'],
      'loop',
      'stepBack',
      'stepOn',
      ['shortcuts.ends', 'Home', 'End'],
      'editIn',
      'editOut',
      'clipIn',
      'clipOut',
      'marker',
      ['marker.before', 'Shift+↑'],
      ['marker.after', 'Shift+↓'],
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
      ['menu.settings', windowKeys.settings],
      ['shortcuts.this', windowKeys.shortcuts],
    ],
  },
  {
    title: 'shortcuts.mask',
    rows: [
      ...toolNames,
      'trackBoth',
      'absent',
      'weakBefore',
      'weakNext',
      'smaller',
      'larger',
      ['shortcuts.brushSoftness', 'Shift+[', 'Shift+]'],
      ['shortcuts.place', 'Enter'],
      ['shortcuts.nudge', 'Ctrl+Shift+←→↑↓'],
      ['shortcuts.resize', 'Alt+←→↑↓'],
      ['shortcuts.resizeMore', 'Alt+Shift+←→↑↓'],
      ['shortcuts.turn', 'Alt+PgUp', 'Alt+PgDn'],
      ['shortcuts.corner', 'Tab', '←→↑↓'],
      'overlay',
      'tokens',
      'sources',
      ['timeline.keyBefore', '↑'],
      ['timeline.keyAfter', '↓'],
      'keyframe',
      ['shortcuts.delete', 'Delete'],
    ],
  },
];

/** All keys; those of the editor can be changed. */
export function ShortcutsSheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const t = useText();
  const changed = useHasChosenKeys();
  return (
    <Dialog
      title={t('shortcuts.title')}
      open={open}
      onClose={onClose}
      foot={
        <>
          <p className="dialog-hint quiet">{t('shortcuts.hint')}</p>
          <Button disabled={!changed} onClick={usualKeys}>
            {t('shortcuts.usual')}
          </Button>
        </>
      }
    >
      <div className="shortcuts">
        {groups.map(({ title, rows }) => (
          <section key={title}>
            <h3 className="quiet">{t(title)}</h3>
            <dl>
              {rows.map((row) =>
                typeof row === 'string' ? (
                  <KeyChoice key={row} command={row} />
                ) : (
                  <div key={row[0]}>
                    <dt>{t(row[0])}</dt>
                    <dd>
                      {row.slice(1).map((keys) => (
                        <Keys key={keys} keys={keys} />
                      ))}
                    </dd>
                  </div>
                ),
              )}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** A command's keys, as a button that listens for other ones. */
function KeyChoice({ command }: { readonly command: Command }) {
  const t = useText();
  const keys = useKeysFor()(command);
  const [listening, setListening] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const name = t(commands[command].text);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!listening || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    setListening(false);
    const wanted = keysOf(event.nativeEvent);
    const taken = chooseKeys(command, wanted);
    if (taken === null) return setProblem(null);
    const shown = keyNames(wanted === ' ' ? 'Space' : wanted);
    setProblem(
      taken === 'fixed'
        ? t('shortcuts.fixed', { keys: shown })
        : t('shortcuts.taken', { keys: shown, command: t(commands[taken].text) }),
    );
  };
  return (
    <div>
      <dt>
        {name}
        {problem !== null && (
          <span className="warning-text" role="alert">
            {problem}
          </span>
        )}
      </dt>
      <dd>
        <button
          type="button"
          className="key-choice"
          aria-label={t('shortcuts.change', { command: name, keys: keyNames(keys) })}
          onClick={() => {
            setProblem(null);
            setListening(true);
          }}
          onBlur={() => setListening(false)}
          onKeyDown={onKeyDown}
        >
          {listening ? t('shortcuts.choose') : <Keys keys={keys} />}
        </button>
      </dd>
    </div>
  );
}
