import { z } from 'zod';

// The page's content policy forbids making code from text. Zod tries when a schema is made, and most are made while
// modules are loaded: this one is to be loaded before them.
z.config({ jitless: true });
