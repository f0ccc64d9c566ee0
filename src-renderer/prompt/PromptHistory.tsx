import { History } from 'lucide-react';
import { useState } from 'react';
import type { PromptRow } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { changeEdit } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { Menu, MenuItem } from '../ui/Menu.tsx';

/** The prompts that jobs of this machine were last started with, to take again. */
export function PromptHistory() {
  const t = useText();
  const [rows, setRows] = useState<readonly PromptRow[]>([]);
  const look = async (): Promise<void> => setRows(await backend().call('prompts.recent', {}));
  const take = ({ prompt, negativePrompt }: PromptRow): void => {
    changeEdit(t('step.usedPrompt'), ({ settings }) => {
      settings.prompt = prompt;
      settings.negativePrompt = negativePrompt;
    });
  };
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          className="icon-button small"
          title={t('prompt.history')}
          aria-label={t('prompt.history')}
          onPointerDown={() => attempt(look)}
          onFocus={() => attempt(look)}
        >
          <History />
        </button>
      }
    >
      {rows.length === 0 && <p className="menu-label">{t('prompt.noHistory')}</p>}
      {rows.map((row) => (
        <MenuItem
          key={`${row.prompt}\n${row.negativePrompt}`}
          text={
            <span className="prompt-row">
              {row.prompt !== '' && <span>{row.prompt}</span>}
              {row.negativePrompt !== '' && (
                <span className="quiet">{t('prompt.without', { text: row.negativePrompt })}</span>
              )}
            </span>
          }
          onSelect={() => take(row)}
        />
      ))}
    </Menu>
  );
}
