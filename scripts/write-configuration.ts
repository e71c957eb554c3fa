// Writes docs/configuration.md from the tables of the settings.
import { writeFileSync } from 'node:fs';
import { renderConfiguration } from './configuration.ts';

writeFileSync('docs/configuration.md', renderConfiguration());
