import { testPlansOfLists } from '../support/finding-plans.ts';

testPlansOfLists(50_000, 120_000);
