import { ArrowUp, File, Folder } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FileKind, FolderListing } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { useFileRequest } from '../state/choose-file.ts';
import { showFailure } from '../state/notices.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import './file-browser.css';

/** The files of the machine that runs the program, where the page has no native dialog. */
export function FileBrowser() {
  const t = useText();
  const request = useFileRequest((state) => state.request);
  if (request === null) return null;
  return (
    <Browse
      key={request.kind}
      title={t(`files.${request.kind}`)}
      kind={request.kind}
      suggestedName={request.suggestedName ?? ''}
      onSettle={request.settle}
    />
  );
}

interface BrowseProps {
  readonly title: string;
  readonly kind: FileKind;
  readonly suggestedName: string;
  readonly onSettle: (path: string | null) => void;
}

function Browse({ title, kind, suggestedName, onSettle }: BrowseProps) {
  const t = useText();
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [name, setName] = useState(suggestedName);

  const look = (folder?: string): void => {
    backend()
      .call('files.list', { kind, ...(folder !== undefined && { folder }) })
      .then(setListing)
      .catch(showFailure);
  };
  useEffect(look, []);

  const writes = kind === 'export' || kind === 'saveProject';
  const isFolder = kind === 'model' || kind === 'matteFolder' || kind === 'exportFolder';
  const fileName = kind === 'saveProject' && !/\.hetcut$/i.test(name) ? `${name.trim()}.hetcut` : name;
  const choose = (): void => {
    if (listing === null) return;
    onSettle(writes ? joined(listing.folder, fileName) : listing.folder);
  };
  const parent = listing?.parent ?? null;
  return (
    <Dialog
      title={title}
      open
      onClose={() => {
        onSettle(null);
      }}
      foot={
        <>
          <Button
            onClick={() => {
              onSettle(null);
            }}
          >
            {t('cancel')}
          </Button>
          {(writes || isFolder) && (
            <Button primary disabled={listing === null || (writes && name.trim() === '')} onClick={choose}>
              {t(kind === 'export' ? 'files.save' : writes ? 'files.saveHere' : 'files.chooseFolder')}
            </Button>
          )}
        </>
      }
    >
      <div className="browse">
        <div className="input-row">
          <IconButton
            label={t('files.up')}
            disabled={parent === null}
            onClick={() => {
              if (parent !== null) look(parent);
            }}
          >
            <ArrowUp />
          </IconButton>
          <span className="browse-folder">{listing?.folder}</span>
        </div>
        {listing?.entries.length === 0 && <p className="quiet">{t('files.empty')}</p>}
        <ul>
          {listing?.entries.map((entry) => (
            <li key={entry.path}>
              <button
                type="button"
                onClick={() => {
                  if (entry.isFolder) look(entry.path);
                  else if (writes) setName(entry.name);
                  else if (!isFolder) onSettle(entry.path);
                }}
              >
                {entry.isFolder ? <Folder size={16} /> : <File size={16} />}
                {entry.name}
              </button>
            </li>
          ))}
        </ul>
        {writes && (
          <Field label={t('files.name')}>
            {(id) => (
              <input
                id={id}
                className="input"
                value={name}
                onChange={({ target }) => {
                  setName(target.value);
                }}
              />
            )}
          </Field>
        )}
      </div>
    </Dialog>
  );
}

/** The path of a file in a folder, with the separator that the folder's own path has. */
function joined(folder: string, name: string): string {
  const separator = folder.includes('\\') ? '\\' : '/';
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}
