import json, sys, threading
import psycopg
from psycopg.types.json import Jsonb

host, port, database = sys.argv[1:4]
binary = len(sys.argv) > 4 and sys.argv[4] == "binary"
conn = psycopg.connect(host=host, port=port, user="root", dbname=database, autocommit=True)
cur = conn.cursor(binary=binary)

cur.execute("SELECT * FROM v WHERE id IN (1, 2) ORDER BY id")
names = [column.name for column in cur.description]
rows = cur.fetchall()
mark = "%b" if binary else "%s"
for row in rows:
    values = [row[0] + 10] + [Jsonb(value) if isinstance(value, dict) else value for value in row[1:]]
    marks = [mark + ("::STRING[]" if name == "sa" else "") for name in names]
    # Numbers that fit are sent as INT2; a column of another kind takes them with a cast.
    cur.execute("INSERT INTO v (%s) VALUES (%s)" % (", ".join(names), ", ".join(marks)), values)

prepared = 0
for i in range(1, 11):
    cur.execute("SELECT %s::INT8 * 2", (i,), prepare=True)
    prepared += cur.fetchone()[0]

counts = []
conn.autocommit = False
for end in (conn.rollback, conn.commit):
    cur.execute("INSERT INTO w VALUES (1)")
    end()
    counts.append(cur.execute("SELECT count(*) FROM w").fetchone()[0])
    conn.rollback()

errors = []
for sql in ("INSERT INTO w VALUES (1)", "SELECT 1"):
    try:
        cur.execute(sql)
    except psycopg.Error as error:
        errors.append(error.sqlstate)
conn.rollback()

with cur.copy("COPY w FROM STDIN" + (" (FORMAT binary)" if binary else "")) as copy:
    if binary:
        copy.set_types(["int8"])
    for i in range(1000, 2000):
        copy.write_row((i,))
copied_in = cur.rowcount
conn.commit()
with cur.copy("COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT" + (" (FORMAT binary)" if binary else "")) as copy:
    if binary:
        copy.set_types(["int8"])
    copied_out = sum(1 for _ in copy.rows())

threading.Timer(0.5, conn.cancel).start()
try:
    cur.execute("SELECT pg_sleep(60)")
    cancel = "none"
except psycopg.Error as error:
    cancel = error.sqlstate
conn.rollback()

count = total = 0
for row in cur.stream("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g"):
    count += 1
    total += row[0]
conn.commit()

with conn.pipeline():
    for i in range(5000, 5100):
        conn.execute("INSERT INTO w VALUES (%s)", (i,))
piped = conn.execute("SELECT count(*) FROM w WHERE a >= 5000").fetchone()[0]
conn.commit()

print(json.dumps({
    "version": psycopg.__version__,
    "values": len(rows) == 2,
    "prepared": prepared,
    "transaction": counts,
    "errors": errors,
    "copy": [copied_in, copied_out],
    "cancel": cancel,
    "large": [count, total],
    "pipeline": piped,
}))
