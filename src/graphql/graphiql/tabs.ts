/** Stands for the id of a user until the page knows one. */
export const userIdPlaceholder = 'user_…';

export interface Tab {
  readonly query: string;
  readonly variables?: object;
}

const welcome = `# Ctrl-Enter runs the tab. Hover over a name to read
# what it means.
#
`;

const create = `# Makes a user. The other tabs then have its id.
mutation CreateUser {
  createUser(input: {
    email: "marcelina@example.com"
    emailVerified: true
    password: "engine-weaves-patterns"
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

const signIn = `# Signs a user in, with the password and the email
# of the tab CreateUser. It needs no API key. The
# address has to be verified.
mutation SignIn {
  authenticateWithPassword(
    email: "marcelina@example.com"
    password: "engine-weaves-patterns"
  ) {
    user { id lastSignInAt }
    accessToken
    accessTokenExpiresIn
    refreshToken
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

const update = `# Changes, for real, the user whose id is under
# Variables. A changed email is no longer verified,
# and identities with another or none are unlinked.
# What you leave out stays.
mutation UpdateUser(
  $id: ID!
  $input: UpdateUserInput!
) {
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

const clear = `# null clears a field; left out, it stays.
# In metadata, null takes one key away.
# email and passwords cannot be null.
mutation ClearFields($id: ID!) {
  updateUser(id: $id, input: {
    lastName: null
    locale: null
    metadata: { plan: null }
  }) {
    id
    firstName
    lastName
    locale
    metadata
    version
  }
}
`;

const expectVersion = `# Changes the user only while they have the version
# that you read, which is under Variables. Otherwise
# VERSION_MISMATCH names the current one.
mutation ExpectedVersion(
  $id: ID!
  $expectedVersion: Int
) {
  updateUser(
    id: $id
    input: { name: "Marcelina Davis" }
    expectedVersion: $expectedVersion
  ) {
    id
    name
    version
  }
}
`;

const list = `# The newest users, a page at a time.
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

const follow = `# Follows what happens, until you stop it or look at
# another tab here. Run it, and change a user from a shell
# or another tab of the browser.
subscription FollowEvents {
  events {
    id
    type
    userId
    userVersion
    createdAt
    actor { kind name }
    data
    previousAttributes
  }
}
`;

const user = { id: userIdPlaceholder };
const createTab: Tab = { query: create };
const listTab: Tab = { query: list };
const examples: Tab[] = [
  { query: signIn },
  { query: link, variables: { userId: userIdPlaceholder } },
  {
    query: update,
    variables: { ...user, input: { email: 'marcelina.davis@example.com', firstName: 'Marcelina' } },
  },
  { query: clear, variables: user },
  { query: expectVersion, variables: { ...user, expectedVersion: 1 } },
  { query: follow },
];

/** The first tab is one that works at once: where there is no user yet it makes one, else it only reads. */
export const tabsForNewcomers: Tab[] = welcoming([createTab, ...examples, listTab]);
export const tabsWithUsers: Tab[] = welcoming([listTab, ...examples.slice(2), createTab, ...examples.slice(0, 2)]);

function welcoming(tabs: Tab[]): Tab[] {
  return tabs.map((tab, i) => (i === 0 ? { ...tab, query: `${welcome}${tab.query}` } : tab));
}
