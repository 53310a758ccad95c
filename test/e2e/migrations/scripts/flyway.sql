-- Flyway's history table, and what is written by hand for it.
SHOW DATABASES;
CREATE TABLE IF NOT EXISTS "public"."flyway_schema_history" (
    "installed_rank" INT NOT NULL PRIMARY KEY,
    "version" VARCHAR(50),
    "description" VARCHAR(200) NOT NULL,
    "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL,
    "checksum" INTEGER,
    "installed_by" VARCHAR(100) NOT NULL,
    "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
    "execution_time" INTEGER NOT NULL,
    "success" BOOLEAN NOT NULL
);
CREATE INDEX IF NOT EXISTS "flyway_schema_history_s_idx" ON "public"."flyway_schema_history" ("success");
SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'flyway_schema_history');
INSERT INTO "public"."flyway_schema_history" ("installed_rank", "version", "description", "type", "script", "checksum", "installed_by", "execution_time", "success") VALUES (1, '1', 'first', 'SQL', 'V1__first.sql', -12, 'root', 0, true);
create table person (
    id int not null,
    name varchar(100) not null,
    born timestamp without time zone,
    constraint pk_person primary key (id)
);
insert into person (id, name) values (1, 'Axel');
alter table person add column email varchar(100) null;
alter table person add constraint uq_person_email unique (email);
create or replace view people as select id, name from person;
create sequence if not exists numbers start with 10 increment by 5 no cycle;
alter sequence numbers owned by none;
create table audit (id bigint default nextval('numbers') primary key, what text, at timestamptz default current_timestamp, day date default current_date);
alter table audit alter what set not null;
drop view if exists people;
truncate table audit, person;
grant select, insert on table person to public;
