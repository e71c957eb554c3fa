-- CreateIndex
CREATE INDEX "users_managed_id_idx" ON "users"("managed", "id");

-- CreateIndex
CREATE INDEX "identities_provider_user_id_idx" ON "identities"("provider", "user_id");

-- What the models cannot say: the orders of lists of users besides that of their creation.

-- CreateIndex
CREATE INDEX "users_last_sign_in_at_idx" ON "users"(coalesce("last_sign_in_at", '0001-01-01'), "id");

-- CreateIndex
CREATE INDEX "users_first_name_idx" ON "users"(lower("first_name"), "id");

-- CreateIndex
CREATE INDEX "users_last_name_idx" ON "users"(lower("last_name"), "id");

-- CreateIndex
CREATE INDEX "users_name_idx" ON "users"(lower("name"), "id");
