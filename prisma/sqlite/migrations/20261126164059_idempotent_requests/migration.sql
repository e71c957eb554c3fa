-- CreateTable
CREATE TABLE "idempotent_requests" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sealed_answer" TEXT,
    "user_id" TEXT,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateIndex
CREATE INDEX "idempotent_requests_user_id_idx" ON "idempotent_requests"("user_id");

-- CreateIndex
CREATE INDEX "idempotent_requests_expires_at_idx" ON "idempotent_requests"("expires_at");
