import type { HttpApp } from './http/http-app.ts';

/** What the running service is made of; `create-app.ts` puts it together. Each part names what it needs of it in a type of its own. */
export type App = HttpApp;
