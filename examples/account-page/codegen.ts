import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents for the page, from the schema that Roster publishes. */
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
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: '.ts',
        scalars: { DateTime: 'string', EmailAddress: 'string', Locale: 'string', Metadata: 'unknown', URL: 'string' },
      },
    },
  },
};

export default config;
