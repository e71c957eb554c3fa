import { startFleet } from '../support/fleet.ts';
import { testRaces } from '../support/races.ts';
import { createTestDatabase } from '../support/test-database.ts';

testRaces(async () => {
  const database = await createTestDatabase();
  const fleet = await startFleet(3, database.url);
  return { ...fleet, dispose: () => fleet.dispose().then(database.remove) };
});
