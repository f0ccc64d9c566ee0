import { Settings } from 'lucide-react';
import { languages, useText, type Language } from '../i18n/index.ts';
import { Menu, MenuChoice, MenuLine } from '../ui/Menu.tsx';
import { useLayout, type Theme } from './layout-store.ts';

const themes: readonly Theme[] = ['dark', 'light', 'system'];

/** Theme and language. */
export function SettingsMenu() {
  const t = useText();
  const { theme, language } = useLayout();
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className="icon-button" aria-label={t('menu.settings')}>
          <Settings />
        </button>
      }
    >
      <MenuChoice
        label={t('settings.theme')}
        value={theme}
        options={themes.map((value) => ({ value, text: t(`settings.theme.${value}`) }))}
        onChange={(next) => {
          useLayout.setState({ theme: next });
        }}
      />
      <MenuLine />
      <MenuChoice
        label={t('settings.language')}
        value={language}
        options={(Object.keys(languages) as Language[]).map((value) => ({ value, text: languages[value] }))}
        onChange={(next) => {
          useLayout.setState({ language: next });
        }}
      />
    </Menu>
  );
}
