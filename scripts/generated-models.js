import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const withoutSpaces = (text) => text.replace(/\s/g, '');

/** The models that a generated client is of, in Prisma's own layout; null where there is none. */
function readGenerated(provider) {
  const file = join('src/generated', provider, 'internal/class.ts');
  const [, text] = (existsSync(file) && /"inlineSchema": ("(?:[^"\\]|\\.)*")/.exec(readFileSync(file, 'utf8'))) || [];
  return text === undefined ? null : JSON.parse(text);
}

/** A sentence where the generated clients are not of these models, else null. */
export function findStaleClient() {
  for (const provider of ['sqlite', 'postgresql']) {
    const files = ['models.prisma', 'schema.prisma'].map((name) => join('prisma', provider, name));
    const models = files.map((file) => readFileSync(file, 'utf8')).join('');
    const generated = readGenerated(provider);
    if (generated !== null && withoutSpaces(generated) === withoutSpaces(models)) continue;
    return `The client in src/generated/${provider} is not of the models in prisma: run "npm run generate", then build again.`;
  }
  return null;
}
