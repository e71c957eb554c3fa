import { QueryCompiler as Made } from '../../../node_modules/@prisma/client/runtime/query_compiler_small_bg.postgresql.mjs';
import { kept } from './kept.mjs';

// biome-ignore lint/performance/noBarrelFile: it takes the place of that module
export * from '../../../node_modules/@prisma/client/runtime/query_compiler_small_bg.postgresql.mjs';
export const QueryCompiler = kept(Made);
