import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

/** One file to load when it is needed: `import()` of a package itself finds other names in the build than in Node. */
export const zxcvbn = { ZxcvbnFactory, common, english };
