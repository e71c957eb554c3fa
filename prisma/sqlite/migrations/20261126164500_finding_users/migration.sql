-- CreateIndex
CREATE INDEX "users_managed_id_idx" ON "users"("managed", "id");

-- CreateIndex
CREATE INDEX "identities_provider_user_id_idx" ON "identities"("provider", "user_id");

-- What the models cannot say: the order of lists of users by their last sign-in.

-- CreateIndex
CREATE INDEX "users_last_sign_in_at_idx" ON "users"(coalesce("last_sign_in_at", '0001-01-01'), "id");
