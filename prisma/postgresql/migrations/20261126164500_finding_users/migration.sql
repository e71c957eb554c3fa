-- What begins with a text is found by a range of an index only where texts are compared byte by byte, whatever the locale of
-- the database. Of a name in that collation `lower` folds the letters from A to Z, as it does on SQLite. Equal texts stay equal.
ALTER TABLE "users"
    ALTER COLUMN "email_canonical" TYPE TEXT COLLATE "C",
    ALTER COLUMN "first_name" TYPE TEXT COLLATE "C",
    ALTER COLUMN "last_name" TYPE TEXT COLLATE "C",
    ALTER COLUMN "name" TYPE TEXT COLLATE "C";

-- CreateIndex
CREATE INDEX "users_managed_id_idx" ON "users"("managed", "id");

-- CreateIndex
CREATE INDEX "identities_provider_user_id_idx" ON "identities"("provider", "user_id");

-- What the models cannot say: the orders of lists of users besides that of their creation.

-- CreateIndex
CREATE INDEX "users_last_sign_in_at_idx" ON "users"(coalesce("last_sign_in_at", '0001-01-01'), "id");

-- CreateIndex
CREATE INDEX "users_first_name_idx" ON "users"(lower("first_name"), "id") WHERE "first_name" IS NOT NULL;

-- CreateIndex
CREATE INDEX "users_last_name_idx" ON "users"(lower("last_name"), "id") WHERE "last_name" IS NOT NULL;

-- CreateIndex
CREATE INDEX "users_name_idx" ON "users"(lower("name"), "id") WHERE "name" IS NOT NULL;
