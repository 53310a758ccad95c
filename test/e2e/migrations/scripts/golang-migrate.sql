-- golang-migrate's CockroachDB driver, goose and sql-migrate.
CREATE TABLE IF NOT EXISTS "schema_migrations" (version INT NOT NULL PRIMARY KEY, dirty BOOL NOT NULL);
CREATE TABLE IF NOT EXISTS "schema_lock" (lock_id INT NOT NULL PRIMARY KEY);
SELECT * FROM "schema_lock" WHERE lock_id = 1;
INSERT INTO "schema_lock" (lock_id) VALUES (1);
TRUNCATE "schema_migrations";
INSERT INTO "schema_migrations" (version, dirty) VALUES (1, true);
DELETE FROM "schema_lock" WHERE lock_id = 1;
CREATE TABLE goose_db_version (
    id serial NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp NULL default now(),
    PRIMARY KEY(id)
);
INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true);
SELECT version_id, is_applied from goose_db_version ORDER BY id DESC;
create table if not exists "gorp_migrations" ("id" text not null primary key, "applied_at" timestamp with time zone) ;
CREATE TABLE users (user_id INT UNIQUE, name STRING(40), email STRING(40), INDEX (name), UNIQUE INDEX by_email (email) STORING (name), FAMILY f1 (user_id, name), FAMILY f2 (email));
ALTER TABLE users ADD COLUMN city TEXT DEFAULT '' NOT NULL, ADD COLUMN IF NOT EXISTS zip INT;
CREATE INDEX ON users (city) STORING (zip);
CREATE INVERTED INDEX ON users ((ARRAY[name]));
ALTER TABLE users ALTER PRIMARY KEY USING COLUMNS (user_id); -- refused: 42P15
ALTER TABLE users ALTER COLUMN user_id SET NOT NULL;
ALTER TABLE users ALTER PRIMARY KEY USING COLUMNS (user_id);
ALTER TABLE users CONFIGURE ZONE USING gc.ttlseconds = 600;
DROP INDEX IF EXISTS users@by_email CASCADE;
DROP TABLE IF EXISTS users;
-- node-pg-migrate and TypeORM
CREATE TABLE "public"."pgmigrations" ( id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
CREATE TABLE "migrations" ("id" INT DEFAULT nextval('migrations_id_seq') NOT NULL); -- refused: 42P01
CREATE SEQUENCE "migrations_id_seq";
CREATE TABLE "migrations" ("id" INT DEFAULT nextval('"migrations_id_seq"') NOT NULL, "timestamp" int8 NOT NULL, "name" varchar NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY ("id"));
CREATE TABLE "cat" ("id" SERIAL NOT NULL, "uid" uuid NOT NULL DEFAULT uuid_generate_v4(), "at" TIMESTAMP NOT NULL DEFAULT now(), "kind" character varying NOT NULL DEFAULT 'x', "arr" text array NOT NULL DEFAULT '{}', CONSTRAINT "REL_1" UNIQUE ("uid"), CONSTRAINT "PK_1" PRIMARY KEY ("id"));
ALTER TABLE "cat" ADD CONSTRAINT "FK_1" FOREIGN KEY ("id") REFERENCES "migrations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "cat" ADD "age" integer NOT NULL DEFAULT '0';
DROP INDEX "cat"@"REL_1" CASCADE;
