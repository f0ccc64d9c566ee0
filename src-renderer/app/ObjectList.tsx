import { EllipsisVertical, Eye, EyeOff, Import, Shield } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { openMatteExport } from '../state/exports.ts';
import { attempt } from '../state/notices.ts';
import {
  colourObject,
  deleteObject,
  holdOutObject,
  importMatte,
  objectName,
  renameObject,
  switchObject,
  useMatteImport,
} from '../state/objects.ts';
import { addShadow } from '../state/shadow.ts';
import { useView } from '../state/view-store.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import { RenameField } from '../ui/RenameField.tsx';
import './object-list.css';

/** What a mask is made of: each shape with its name, colour, and whether it is on or held out. */
export function ObjectList() {
  const t = useText();
  const mask = useEditor((state) => activeEdit(state)?.mask);
  if (mask === undefined) return null;
  return (
    <>
      {mask.shapes.length > 0 && (
        <ul className="object-list" aria-label={t('object.list')}>
          {mask.shapes.map((_, index) => (
            <ObjectRow key={index} index={index} />
          ))}
        </ul>
      )}
      {mask.shapes.length === 0 && <p className="quiet">{t('mask.first')}</p>}
    </>
  );
}

/** Takes in a mask that was made elsewhere. */
export function ImportMatte() {
  const t = useText();
  const importing = useMatteImport((state) => state.running);
  const label = t(importing ? 'object.importing' : 'object.import');
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          className="icon-button small"
          aria-label={label}
          title={label}
          disabled={importing}
        >
          <Import />
        </button>
      }
    >
      <MenuItem text={t('object.importFile')} onSelect={() => attempt(() => importMatte('matte'))} />
      <MenuItem text={t('object.importFolder')} onSelect={() => attempt(() => importMatte('matteFolder'))} />
    </Menu>
  );
}

function ObjectRow({ index }: { readonly index: number }) {
  const t = useText();
  const mask = useEditor((state) => activeEdit(state)?.mask);
  const usual = useEditor((state) => state.overlay.colour);
  const chosen = useView((state) => state.shape === index);
  const [renaming, setRenaming] = useState(false);
  const shape = mask?.shapes.at(index);
  if (mask === undefined || shape === undefined) return null;
  const name = objectName(mask, index);
  const { off = false, holdOut = false } = shape;
  return (
    <li className="object-row" data-chosen={chosen} data-off={off}>
      <input
        type="color"
        className="object-colour"
        aria-label={t('object.colour', { name })}
        title={t('object.colour', { name })}
        value={shape.colour ?? usual}
        onChange={({ target }) => colourObject(index, target.value)}
      />
      {renaming ? (
        <RenameField
          className="object-name"
          label={t('object.name')}
          name={name}
          onDone={(typed) => {
            if (typed !== name) renameObject(index, typed);
            setRenaming(false);
          }}
        />
      ) : (
        <button
          type="button"
          className="object-name"
          aria-pressed={chosen}
          title={`${name} · ${t('object.rename')}`}
          onClick={() => useView.setState({ shape: index })}
          onDoubleClick={() => setRenaming(true)}
          onKeyDown={(event) => {
            if (event.key === 'F2') setRenaming(true);
          }}
        >
          {name}
        </button>
      )}
      <IconButton
        small
        label={t(holdOut ? 'object.holdIn' : 'object.holdOut', { name })}
        aria-pressed={holdOut}
        disabled={shape.effect === 'keep' && !holdOut}
        onClick={() => holdOutObject(index)}
      >
        <Shield />
      </IconButton>
      <IconButton
        small
        label={t(off ? 'object.show' : 'object.hide', { name })}
        onClick={() => switchObject(index)}
      >
        {off ? <EyeOff /> : <Eye />}
      </IconButton>
      <Menu
        align="end"
        trigger={
          <button type="button" className="icon-button small" aria-label={t('object.more', { name })}>
            <EllipsisVertical />
          </button>
        }
      >
        {shape.kind === 'track' && (
          <MenuItem text={t('object.shadow')} onSelect={() => attempt(() => addShadow(index))} />
        )}
        <MenuItem text={t('object.export')} onSelect={() => openMatteExport({ shape, name })} />
        <MenuItem text={t('object.delete')} onSelect={() => deleteObject(index)} />
      </Menu>
    </li>
  );
}
