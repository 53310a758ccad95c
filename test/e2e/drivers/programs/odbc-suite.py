import json, sys
import pyodbc

host, port, database = sys.argv[1:4]
driver = next(name for name in pyodbc.drivers() if "PostgreSQL" in name and "Unicode" in name)
conn = pyodbc.connect(
    "Driver={%s};Server=%s;Port=%s;Database=%s;Uid=root;SSLmode=disable;BoolsAsChar=0;Protocol=7.4-0" % (driver, host, port, database),
    autocommit=True,
)
cur = conn.cursor()

names = [column[0] for column in cur.execute("SELECT * FROM v WHERE false").description]
# ODBC's times have no fractions.
listed = ", ".join("t::STRING AS t" if name == "t" else name for name in names)
rows = cur.execute("SELECT %s FROM v WHERE id IN (1, 2) ORDER BY id" % listed).fetchall()
for row in rows:
    values = [row[0] + 10] + list(row[1:])
    cur.execute(
        "INSERT INTO v (%s) VALUES (%s)" % (", ".join(names), ", ".join("?" for _ in names)), values
    )

prepared = sum(cur.execute("SELECT ?::INT8 * 2", i).fetchone()[0] for i in range(1, 11))

conn.autocommit = False
counts = []
for end in (conn.rollback, conn.commit):
    cur.execute("INSERT INTO w VALUES (1)")
    end()
    counts.append(cur.execute("SELECT count(*) FROM w").fetchone()[0])
    conn.rollback()

errors = []
for sql in ("INSERT INTO w VALUES (1)", "SELECT 1"):
    try:
        cur.execute(sql).fetchall()
    except pyodbc.Error as error:
        errors.append(error.args[0])
conn.rollback()

count = total = 0
cur.execute("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g")
while True:
    some = cur.fetchmany(1000)
    if not some:
        break
    count += len(some)
    total += sum(row[0] for row in some)

print(json.dumps({
    "version": conn.getinfo(pyodbc.SQL_DRIVER_VER),
    "values": len(rows) == 2,
    "prepared": prepared,
    "transaction": counts,
    "errors": errors,
    "copy": None,
    "cancel": None,
    "large": [count, total],
    "pipeline": None,
}))
