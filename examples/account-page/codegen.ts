import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Types of the documents, from Roster's schema; made anew before each start, build and check. The generator is Roster's own,
 * at the top of the repository: npm finds its commands in the folders above.
 */
const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: 'src/operations.ts',
  importExtension: '.ts',
  silent: true,
  generates: {
    'src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        importExtension: '.ts',
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: {
          DateTime: 'string',
          EmailAddress: 'string',
          Locale: 'string',
          Metadata: { input: 'Record<string, string | null>', output: 'Record<string, string>' },
          URL: 'string',
        },
      },
    },
  },
};

export default config;
