import { useEffect, useState } from 'react';
import type { CatalogueModel } from '../../src-shared/ipc/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt, showFailure } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { useModelWork, whileShown } from '../state/model-work.ts';
import { ModelWorkBar } from './ModelWorkBar.tsx';

/** What the window says of a model; the rest of its row comes from the program. */
const about = {
  'wan2.1-vace-1.3b': 'models.about.wan2.1-vace-1.3b',
  'wan2.1-vace-14b': 'models.about.wan2.1-vace-14b',
  'minimax-remover': 'models.about.minimax-remover',
} as const;

/** The models that can be downloaded and are not here yet. */
export function CatalogueList() {
  const t = useText();
  const models = useEditor((state) => state.models);
  const works = useModelWork((state) => state.works);
  const [rows, setRows] = useState<readonly CatalogueModel[]>([]);
  useEffect(() => {
    backend().call('models.catalogue', {}).then(setRows).catch(showFailure);
  }, []);
  const open = rows.filter((row) => !models.some(({ id }) => id === row.id));
  if (open.length === 0) return null;
  return (
    <>
      <h3 className="entries-title">{t('models.available')}</h3>
      <ul className="entries">
        {open.map(({ id, bytes, networkBytes, licence }) => {
          const work = works[id];
          return (
            <li key={id} className="entry">
              <div className="entry-text">
                <h3>{id}</h3>
                {id in about && <p className="quiet">{t(about[id as keyof typeof about])}</p>}
                <p className="quiet figures">
                  {t('models.getFacts', {
                    size: formatBytes(bytes),
                    memory: formatBytes(networkBytes),
                    licence,
                  })}
                </p>
              </div>
              {work !== undefined ? (
                <ModelWorkBar modelId={id} work={work} />
              ) : (
                <Button
                  aria-label={t('models.get', { model: id })}
                  onClick={() => {
                    attempt(() =>
                      whileShown(id, 'get', (acceptLicence) =>
                        backend().call('models.get', { modelId: id, acceptLicence }),
                      ),
                    );
                  }}
                >
                  {t('models.doGet')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
