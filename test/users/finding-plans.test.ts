import { testPlansOfLists } from '../support/finding-plans.ts';

testPlansOfLists(20_000, 120_000);
