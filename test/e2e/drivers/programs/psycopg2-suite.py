import io, json, sys, threading, time
import psycopg2, psycopg2.extras

psycopg2.extras.register_uuid()
host, port, database = sys.argv[1:4]


def connect():
    return psycopg2.connect(host=host, port=port, user="root", dbname=database)


conn = connect()
conn.autocommit = True
cur = conn.cursor()

cur.execute("SELECT * FROM v WHERE id IN (1, 2) ORDER BY id")
names = [column.name for column in cur.description]
rows = cur.fetchall()
for row in rows:
    values = [row[0] + 10] + [
        psycopg2.extras.Json(value) if isinstance(value, dict) else value for value in row[1:]
    ]
    marks = ["%s::STRING[]" if name == "sa" else "%s" for name in names]
    cur.execute("INSERT INTO v (%s) VALUES (%s)" % (", ".join(names), ", ".join(marks)), values)

cur.execute("PREPARE twice AS SELECT $1::INT8 * 2")
prepared = 0
for i in range(1, 11):
    cur.execute("EXECUTE twice (%s)", (i,))
    prepared += cur.fetchone()[0]

conn.autocommit = False
counts = []
for end in (conn.rollback, conn.commit):
    cur.execute("INSERT INTO w VALUES (1)")
    end()
    cur.execute("SELECT count(*) FROM w")
    counts.append(cur.fetchone()[0])
    conn.rollback()

errors = []
for sql in ("INSERT INTO w VALUES (1)", "SELECT 1"):
    try:
        cur.execute(sql)
    except psycopg2.Error as error:
        errors.append(error.pgcode)
conn.rollback()

lines = "".join("%d\n" % i for i in range(1000, 2000))
cur.copy_expert("COPY w FROM STDIN", io.StringIO(lines))
conn.commit()
out = io.StringIO()
cur.copy_expert("COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT CSV", out)
copied = [cur.rowcount, len(out.getvalue().splitlines())]

threading.Timer(0.5, conn.cancel).start()
try:
    cur.execute("SELECT pg_sleep(60)")
    cancel = "none"
except psycopg2.Error as error:
    cancel = error.pgcode
conn.rollback()

cur.execute("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g")
large = cur.fetchall()

print(json.dumps({
    "version": psycopg2.__version__.split()[0],
    "values": len(rows) == 2,
    "prepared": prepared,
    "transaction": counts,
    "errors": errors,
    "copy": copied,
    "cancel": cancel,
    "large": [len(large), sum(row[0] for row in large)],
    "pipeline": None,
}))
