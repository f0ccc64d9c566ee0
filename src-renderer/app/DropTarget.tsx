import { useEffect, useState } from 'react';
import { useText } from '../i18n/index.ts';
import { attempt } from '../state/notices.ts';
import { openPath } from '../project/open-project.ts';
import './drop-target.css';

/** Takes a clip or a project that is dropped anywhere but on a field that takes files itself. Only the desktop program learns a dropped file's path. */
export function DropTarget() {
  const t = useText();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const bridge = window.hetcut;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent): void => {
      // A field that takes files has said so.
      if (event.defaultPrevented) return setOver(false);
      if (!hasFiles(event)) return;
      // Without this the page would be left for the file.
      event.preventDefault();
      setOver(bridge !== undefined);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      if (event.defaultPrevented || !hasFiles(event)) return;
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file !== undefined && bridge !== undefined) attempt(() => openPath(bridge.pathOfFile(file)));
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  return over ? <div className="drop-here">{t('drop.here')}</div> : null;
}
