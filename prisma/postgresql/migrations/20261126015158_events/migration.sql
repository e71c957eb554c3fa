-- CreateTable
CREATE TABLE "events" (
    "id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "user_id" TEXT,
    "user_version" INTEGER,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT,
    "request_id" TEXT,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "unnumbered_events" (
    "seq" BIGINT NOT NULL,
    "event" TEXT NOT NULL,

    CONSTRAINT "unnumbered_events_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "event_sequences" (
    "id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "event_sequences_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "events_position_key" ON "events"("position");

-- CreateIndex
CREATE INDEX "events_user_id_position_idx" ON "events"("user_id", "position");

-- CreateIndex
CREATE INDEX "events_type_position_idx" ON "events"("type", "position");

-- CreateSequence
CREATE SEQUENCE "unnumbered_events_seq";

-- Whoever may write to the table may draw from its sequence: rights to tables do not reach as far.
GRANT USAGE ON SEQUENCE "unnumbered_events_seq" TO PUBLIC;
