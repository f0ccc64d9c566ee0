import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { createClient } from '../src-shared/ipc/index.ts';
import { App } from './app/App.tsx';
import { startLayout, useLayout } from './app/layout-store.ts';
import { saveProject, startSession } from './app/session.ts';
import { startLanguage } from './i18n/index.ts';
import { openCarrier } from './state/carrier.ts';
import { showFailure } from './state/notices.ts';
import './ui/tokens.css';
import './ui/controls.css';
import './app/app.css';
import './export/export.css';

// The page's content policy forbids making code from text; zod would try.
z.config({ jitless: true });
startLayout();
await startLanguage(useLayout.getState().language);
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
startSession(createClient(openCarrier())).catch(showFailure);
// The last change may be younger than the autosave's delay.
window.addEventListener('pagehide', () => void saveProject().catch(showFailure));
