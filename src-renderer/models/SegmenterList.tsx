import { Trash2 } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { attempt } from '../state/notices.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { Button, IconButton } from '../ui/Button.tsx';

/** A folder's name as an id: small letters, digits, dots, hyphens and underscores. */
function idOf(path: string): string {
  const name = path.split(/[\\/]/).findLast((part) => part !== '') ?? '';
  const id = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60);
  return id === '' ? 'segmenter' : id;
}

/** Networks that find objects in place of the built-in way; which is used, the settings say. */
export function SegmenterList() {
  const t = useText();
  const segmenters = useProgramSettings((state) => state.segmenters);
  return (
    <>
      <h3 className="entries-title">{t('segmenters.title')}</h3>
      <p className="quiet">{t('segmenters.help')}</p>
      <ul className="entries" aria-label={t('segmenters.title')}>
        {segmenters.map((id) => (
          <li key={id} className="entry">
            <div className="entry-text">
              <h3>{id}</h3>
            </div>
            <IconButton
              small
              label={t('segmenters.remove', { id })}
              side="left"
              onClick={() =>
                attempt(async () =>
                  useProgramSettings.setState(await backend().call('segmenters.remove', { id })),
                )
              }
            >
              <Trash2 />
            </IconButton>
          </li>
        ))}
      </ul>
      <Button
        onClick={() => {
          attempt(async () => {
            const path = await chooseFile('model');
            if (path === null) return;
            const id = idOf(path);
            useProgramSettings.setState(await backend().call('segmenters.import', { path, id }));
          });
        }}
      >
        {t('segmenters.import')}
      </Button>
    </>
  );
}
