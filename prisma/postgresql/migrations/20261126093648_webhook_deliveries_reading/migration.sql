-- DropIndex
DROP INDEX "webhook_deliveries_endpoint_id_state_position_idx";

-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "body" TEXT;

-- AlterTable
ALTER TABLE "webhook_endpoints" ADD COLUMN     "disabled_at" TIMESTAMP(3);

-- CreateIndex
CREATE INDEX "webhook_deliveries_endpoint_id_state_id_idx" ON "webhook_deliveries"("endpoint_id", "state", "id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_event_id_idx" ON "webhook_deliveries"("event_id");
