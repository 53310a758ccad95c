-- As ActiveRecord writes them (PostgreSQL and CockroachDB adapters).
SET client_min_messages TO 'warning';
SET standard_conforming_strings = on;
SET intervalstyle = iso_8601; -- refused: 0A000
CREATE TABLE "schema_migrations" ("version" character varying NOT NULL PRIMARY KEY);
CREATE TABLE "ar_internal_metadata" ("key" character varying NOT NULL PRIMARY KEY, "value" character varying, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE EXTENSION IF NOT EXISTS "pgcrypto";
CREATE TABLE "products" ("id" bigserial primary key, "name" character varying DEFAULT 'x' NOT NULL, "price" decimal(8,2), "qty" integer DEFAULT 0, "small" smallint, "f" float, "body" text, "blob" bytea, "on" boolean DEFAULT FALSE NOT NULL, "day" date, "at" timestamp(6), "zoned" timestamptz, "t" time, "ip" inet, "bits" bit(8), "vbits" bit varying, "list" character varying[] DEFAULT '{}', "ints" integer[] DEFAULT '{}'::integer[], "j" jsonb DEFAULT '{}' NOT NULL, "uid" uuid DEFAULT gen_random_uuid() NOT NULL, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE TABLE "line_items" ("id" bigserial primary key, "product_id" bigint NOT NULL, "owner_type" character varying, "owner_id" bigint, CONSTRAINT "fk_rails_11e15d5c6b"
FOREIGN KEY ("product_id")
  REFERENCES "products" ("id")
);
CREATE INDEX "index_line_items_on_product_id" ON "line_items" ("product_id");
CREATE INDEX CONCURRENTLY "index_line_items_on_owner" ON "line_items" ("owner_type", "owner_id");
CREATE UNIQUE INDEX "index_products_on_name" ON "products" USING btree ("name") WHERE (price > 0);
ALTER TABLE "products" ADD COLUMN "sku" character varying(20);
ALTER TABLE "products" ADD "weight" float DEFAULT 1.5 NOT NULL;
ALTER TABLE "products" ALTER COLUMN "name" TYPE character varying(100); -- refused: XXC02
ALTER TABLE "products" ALTER COLUMN "qty" TYPE bigint;
ALTER TABLE "products" ALTER COLUMN "qty" SET DEFAULT 5;
ALTER TABLE "products" ALTER COLUMN "qty" DROP DEFAULT, ALTER COLUMN "price" SET NOT NULL;
UPDATE "products" SET "qty"=0 WHERE "qty" IS NULL;
ALTER TABLE "products" ALTER COLUMN "qty" SET NOT NULL;
ALTER TABLE "products" RENAME COLUMN "body" TO "description";
ALTER TABLE "line_items" RENAME TO "items";
ALTER SEQUENCE IF EXISTS "line_items_id_seq" RENAME TO "items_id_seq";
ALTER INDEX "index_line_items_on_product_id" RENAME TO "index_items_on_product_id";
ALTER TABLE "items" ADD CONSTRAINT "fk_rails_22" FOREIGN KEY ("owner_id") REFERENCES "products" ("id") ON DELETE CASCADE;
ALTER TABLE "items" ADD CONSTRAINT "chk_rails_33" CHECK (owner_id > 0) NOT VALID;
ALTER TABLE "items" VALIDATE CONSTRAINT "chk_rails_33";
ALTER TABLE "items" DROP CONSTRAINT "fk_rails_22";
COMMENT ON TABLE "products" IS 'what is sold';
COMMENT ON COLUMN "products"."name" IS NULL;
CREATE TABLE "a_b" ("a_id" bigint NOT NULL, "b_id" bigint NOT NULL);
CREATE TYPE "mood" AS ENUM ('sad', 'ok');
ALTER TABLE "products" ADD COLUMN "mood" mood DEFAULT 'ok' NOT NULL;
INSERT INTO "schema_migrations" (version) VALUES ('20240101000000'),('20240102000000') RETURNING "version";
DROP INDEX CONCURRENTLY "index_line_items_on_owner";
DROP TABLE IF EXISTS "a_b" CASCADE;
DROP TYPE IF EXISTS "nothing";
