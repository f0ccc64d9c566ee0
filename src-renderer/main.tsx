import './no-code-from-text.ts';
// Before any component, so that a component's own styles come after them.
import './ui/tokens.css';
import './ui/controls.css';
import './ui/overlays.css';
import './ui/section.css';
import { createRoot } from 'react-dom/client';
import { createClient } from '../src-shared/ipc/index.ts';
import { App } from './app/App.tsx';
import { startLayout, useLayout } from './app/layout-store.ts';
import { listenToMenu } from './app/menu-commands.ts';
import { saveProject } from './project/saving.ts';
import { startSession } from './project/start-session.ts';
import { startLanguage } from './i18n/index.ts';
import { openCarrier } from './state/carrier.ts';
import { showFailure } from './state/notices.ts';

startLayout();
const client = createClient(openCarrier());
const language = startLanguage(useLayout.getState().language);
const session = language.then(() => startSession(client));
// Before anything is waited for: what is said until then is lost.
listenToMenu(client, session);
await language;
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
session.catch(showFailure);
// What the system draws for the program (menu, dialogs) speaks the window's language.
const tellLanguage = (): void =>
  void client.call('app.language', { language: useLayout.getState().language }).catch(showFailure);
tellLanguage();
useLayout.subscribe((now, before) => {
  if (now.language !== before.language) tellLanguage();
});
// The last change may be younger than the autosave's delay.
window.addEventListener('pagehide', () => void saveProject().catch(showFailure));
