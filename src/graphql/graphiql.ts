import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

const welcome = `# Roster's GraphiQL. Press Ctrl-Enter to run. The other tabs hold one worked example each.
# Every request needs an API key, in the Headers pane below:
#   { "Authorization": "Bearer sk_…" }   (make one with: npx roster api-key create NAME)

query Users {
  users(first: 10) {
    totalCount
    edges {
      node {
        id
        email
        emailVerified
        name
        version
        identities { provider email }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const create = `# Makes a user. Copy the id of the answer into the other tabs.
mutation CreateUser {
  createUser(input: {
    email: "marcelina@example.com"
    emailVerified: true
    firstName: "Marcelina"
    lastName: "Davis"
    metadata: { plan: "pro" }
    locale: "en-US"
  }) {
    id
    email
    emailVerified
    version
  }
}
`;

const update = `# Changes the email of a user. See emailVerified become false,
# and the identities with another address go. Fields that you leave out stay as they are.
mutation UpdateUser($id: ID!, $input: UpdateUserInput!) {
  updateUser(id: $id, input: $input) {
    id
    email
    emailVerified
    firstName
    metadata
    version
    updatedAt
    identities { provider email }
  }
}
`;

const link = `# Links a Google account to a user.
mutation LinkIdentity($userId: ID!) {
  linkIdentity(userId: $userId, input: {
    provider: GOOGLE_OAUTH
    idpId: "1098765432101234567890"
    email: "marcelina@example.com"
  }) {
    id
    provider
    email
  }
}
`;

const json = (value: unknown) => JSON.stringify(value, null, 2);

/** The GraphiQL page. All of it is in the answer: the browser fetches nothing from anywhere else. */
export function renderGraphiQLPage(apiKey: string | null, exampleUserId: string): string {
  const headers = json({ Authorization: `Bearer ${apiKey ?? 'sk_…'}` });
  const id = exampleUserId;
  return renderGraphiQL({
    title: 'Roster',
    endpoint: '/graphql',
    headers,
    defaultHeaders: headers,
    shouldPersistHeaders: true,
    defaultEditorToolsVisibility: 'headers',
    inputValueDeprecation: true,
    schemaDescription: true,
    defaultTabs: [
      {
        headers,
        query: update,
        variables: json({ id, input: { email: 'marcelina.davis@example.com', firstName: 'Marcelina' } }),
      },
      { headers, query: welcome },
      { headers, query: create },
      { headers, query: link, variables: json({ userId: id }) },
    ],
  });
}
