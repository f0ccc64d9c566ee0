import { FolderOpen, X } from 'lucide-react';
import { useState, type DragEvent } from 'react';
import type { EditSettings } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { chooseFile } from '../state/choose-file.ts';
import { changeEdit } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { IconButton } from '../ui/Button.tsx';
import { SelectField } from '../ui/Field.tsx';
import { fileName, lookAt, SmallPicture } from './SmallPicture.tsx';

const sources = ['auto', 'off', 'only', 'file'] as const;

interface Props {
  readonly settings: EditSettings;
  /** Without a plate the hole shows what the clip shows there, behind what is put before it. */
  readonly keeps: boolean;
}

/** Where the background in the hole comes from; a file of the editor's is chosen, or dropped here. */
export function CleanPlate({ settings: { plate, platePath }, keeps }: Props) {
  const t = useText();
  const [over, setOver] = useState(false);

  const take = async (path: string): Promise<void> => {
    // What is neither picture nor clip is refused here; whether it fits the clip is the estimate's to say.
    await lookAt(path);
    changeEdit(t('step.plate'), ({ settings }) => void (settings.platePath = path));
  };
  const choose = async (): Promise<void> => {
    const path = await chooseFile('plate');
    if (path !== null) await take(path);
  };
  const setSource = (source: string): void => {
    if (source === 'file') {
      attempt(choose);
      return;
    }
    changeEdit(t('step.plate'), ({ settings }) => {
      settings.plate = source as EditSettings['plate'];
      delete settings.platePath;
    });
  };

  // Only the desktop program learns a dropped file's path.
  const bridge = window.hetcut;
  const onDragOver = (event: DragEvent): void => {
    if (bridge === undefined || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(true);
  };
  const onDrop = (event: DragEvent): void => {
    const file = event.dataTransfer.files[0];
    if (bridge === undefined || file === undefined) return;
    event.preventDefault();
    setOver(false);
    attempt(() => take(bridge.pathOfFile(file)));
  };

  return (
    <div
      className={over ? 'plate over' : 'plate'}
      onDragOver={onDragOver}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={onDrop}
    >
      <SelectField
        label={t('prompt.plate')}
        help={t('prompt.plateHelp')}
        value={platePath === undefined ? plate : 'file'}
        options={sources.map((value) => ({
          value,
          text: t(value === 'off' && keeps ? 'prompt.plate.keep' : `prompt.plate.${value}`),
        }))}
        onChange={setSource}
      />
      {platePath !== undefined && (
        <div className="plate-file">
          <SmallPicture
            key={platePath}
            path={platePath}
            label={t('prompt.platePicture', { name: fileName(platePath) })}
          />
          <span className="plate-name" title={platePath}>
            {fileName(platePath)}
          </span>
          <IconButton label={t('prompt.choosePlate')} onClick={() => attempt(choose)}>
            <FolderOpen />
          </IconButton>
          <IconButton label={t('prompt.clearPlate')} onClick={() => setSource(plate)}>
            <X />
          </IconButton>
        </div>
      )}
    </div>
  );
}
