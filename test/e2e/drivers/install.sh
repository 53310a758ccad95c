#!/bin/sh
# Installs the drivers that the suite knows and this machine lacks: Debian's packages, as root.
# Those from npm are development dependencies of the project.
set -e
exec apt-get install -y --no-install-recommends \
  postgresql-client python3-psycopg2 python3-psycopg python3-pyodbc odbc-postgresql \
  default-jdk-headless libpostgresql-jdbc-java golang-go golang-github-lib-pq-dev golang-github-jackc-pgx-v4-dev \
  ruby-pg php-cli php-pgsql libdbd-pg-perl \
  postgresql-contrib pgbouncer python3-django python3-sqlalchemy ruby-activerecord
