import { join } from 'node:path';
import { createBackend } from '../backend/create-backend.ts';
import { runApp } from './run-app.ts';

// Bundled into dist/app: the pages are next to that folder.
runApp(createBackend, { bundles: __dirname, pages: join(__dirname, '..', 'renderer') });
