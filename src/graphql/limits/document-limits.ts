import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import { GraphQLError, getOperationAST, type OperationDefinitionNode, type ValidationContext, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '../../config/settings.ts';
import { rootFields } from '../access.ts';
import { rootFieldNames } from '../root-fields.ts';
import { costOf, type ListSizes, listSizesOf } from './cost.ts';
import { createLargestAnswer, type LargestAnswer, maxMutationBytes, metadataBytes } from './largest-answer.ts';
import { hasManySecrets } from './one-secret.ts';
import { findRepeated } from './repetition.ts';

/** In UTF-8; the longest that GraphiQL sends by itself has 2,000. Without it a comment could be as long as a body. */
export const maxDocumentBytes = 32_768;
/** GraphiQL's introspection has some 350 tokens. */
const maxTokens = 2000;
/** The deepest useful document is `users { edges { node { identities { id } } } }`. */
const maxDepth = 12;
/** Some updates at once are useful; each runs by itself, so a long list is many requests in disguise. */
const maxAliases = 20;
/** `@include` and `@skip` on a handful of fields. */
const maxDirectives = 20;
/** Two pages of a hundred users with all their fields, identities and sessions. */
const maxCost = 10_000;
/** Each validation error that is told, also one in the variables, is told with its line, and that costs a walk through all lines. */
const maxValidationErrors = 10;
const maxLines = 10_000;

/** What a document may ask for. Whoever exceeds a limit is told which, and nothing runs. */
export const createDocumentLimits = (config: Pick<Config, 'MAX_SESSIONS_PER_USER'>): Plugin[] => [
  useLengthLimit(),
  useLineLimit(),
  maxTokensPlugin({ n: maxTokens, onReject: refusing(`The document has more than ${maxTokens} tokens.`) }),
  maxDepthPlugin({
    n: maxDepth,
    ignoreIntrospection: true,
    onReject: refusing(`The document is more than ${maxDepth} levels deep.`),
  }),
  maxAliasesPlugin({ n: maxAliases, onReject: refusing(`The document has more than ${maxAliases} aliases.`) }),
  maxDirectivesPlugin({
    n: maxDirectives,
    onReject: refusing(`The document has more than ${maxDirectives} directives.`),
  }),
  useRepetitionLimit(),
  useCostLimit(listSizesOf(config)),
  useValidationErrorLimit(),
  useOneSecret(),
  useMutationLimit(createLargestAnswer(config)),
  useNoSecretInAddress(),
];

function refusing(message: string) {
  return [
    () => {
      throw limitExceeded(message);
    },
  ];
}

function limitExceeded(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'DOCUMENT_LIMIT_EXCEEDED' } });
}

function useLengthLimit(): Plugin {
  return {
    onParse({ params: { source } }) {
      if (Buffer.byteLength(source.toString()) <= maxDocumentBytes) return;
      throw limitExceeded(`The document is longer than ${maxDocumentBytes} bytes.`);
    },
  };
}

function useLineLimit(): Plugin {
  return {
    onParse({ params: { source } }) {
      if (source.toString().split(/\r\n|[\n\r]/, maxLines + 1).length <= maxLines) return;
      throw limitExceeded(`The document has more than ${maxLines} lines.`);
    },
  };
}

/** Looked at before the rules of the specification: those compare every two fields of one name with each other. */
function useRepetitionLimit(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule((context: ValidationContext) => {
        let isLookedAt = false;
        const look = () => {
          const repeated = isLookedAt ? null : findRepeated(context.getDocument());
          isLookedAt = true;
          if (!repeated) return;
          throw limitExceeded(`The document selects "${repeated.name}" more than ${repeated.most} times.`);
        };
        return { OperationDefinition: look, FragmentDefinition: look };
      });
    },
  };
}

function useCostLimit(listSizes: ListSizes): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule((context: ValidationContext) => ({
        OperationDefinition(operation: OperationDefinitionNode) {
          const cost = costOf(operation, (name) => context.getFragment(name), listSizes);
          if (cost <= maxCost) return;
          throw limitExceeded(
            `The document asks for up to ${cost} values; ${maxCost} are allowed. A page counts as often as its \`first\` or \`last\` says, 100 times where that is a variable; a second list of the same user's sessions or identities counts in full.`,
          );
        },
      }));
    },
  };
}

function useValidationErrorLimit(): Plugin {
  return {
    onValidate({ setValidationFn }) {
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { maxErrors: maxValidationErrors }),
      );
    },
  };
}

/** An address is written into logs and histories. A mutation is never taken from one, but a query is. */
function useNoSecretInAddress(): Plugin {
  return {
    onExecute({ args: { document, operationName, contextValue }, setResultAndStopExecution }) {
      if (contextValue.request.method !== 'GET') return;
      const operation = getOperationAST(document, operationName);
      const asked = operation ? rootFieldNames(document, operation) : [];
      const secret = asked.find((name) => (rootFields.get(name)?.secret ?? 'never') !== 'never');
      if (secret === undefined) return;
      const message = `Send ${secret} by POST: its input may hold a password, and addresses are logged.`;
      setResultAndStopExecution({ errors: [new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })] });
    },
  };
}

/** It depends on the variables, so the fast path asks the same. */
function useOneSecret(): Plugin {
  return {
    onExecute({ args: { document, operationName, variableValues }, setResultAndStopExecution }) {
      const operation = getOperationAST(document, operationName);
      if (!operation || !hasManySecrets(document, operation, variableValues)) return;
      const message =
        'One request may hold one password or refresh token: send each `authenticateWithPassword`, `refreshSession` and new password by itself.';
      setResultAndStopExecution({ errors: [limitExceeded(message)] });
    },
  };
}

/** It depends on how many items the variables have, so the fast path asks the same. */
function useMutationLimit(largestAnswer: LargestAnswer): Plugin {
  return {
    onExecute({ args: { document, operationName, variableValues }, setResultAndStopExecution }) {
      const operation = getOperationAST(document, operationName);
      const bytes = operation?.operation === 'mutation' ? largestAnswer(document, operation, variableValues) : 0;
      if (bytes <= maxMutationBytes) return;
      const [most, allowed] = [bytes, maxMutationBytes].map((size) => Math.ceil(size / 1024 / 1024));
      const message = `The answer could be ${most} MB long; ${allowed} MB are allowed for a mutation. Nothing was done. Ask for fewer fields, each once, or send fewer updates: metadata counts with ${Math.ceil(metadataBytes / 1024)} KB a user.`;
      setResultAndStopExecution({ errors: [limitExceeded(message)] });
    },
  };
}
