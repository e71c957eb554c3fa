import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const target = process.env.ROSTER_URL ?? 'http://127.0.0.1:4000';

/**
 * The page and Roster have one origin, so nothing crosses origins and Roster needs no CORS_ORIGINS: it is told the host that
 * the browser asked, and compares the page's origin with that. It is told, too, that the request was forwarded (`xfwd`):
 * otherwise it would take everybody who reaches this server for a browser on its own machine, and show them GraphiQL with
 * its development key.
 */
const proxy = { '/graphql': { target, changeOrigin: false, xfwd: true } };

export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
});
