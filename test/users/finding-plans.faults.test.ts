import { testPlansOfLists } from '../support/finding-plans.ts';

testPlansOfLists(1_000_000, 900_000);
