import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * The page and Roster have one origin, so nothing crosses origins and Roster needs no CORS_ORIGINS: it is told the host that
 * the browser asked, and compares the page's origin with that.
 */
const proxy = { '/graphql': { target: process.env.ROSTER_URL ?? 'http://127.0.0.1:4000', changeOrigin: false } };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
