import { writeParts } from './parts.ts';
import { takeApart } from './take-apart.ts';

/** The build runs this, so that no server has to take nine megabytes apart and compress them. */
await writeParts(await takeApart());
