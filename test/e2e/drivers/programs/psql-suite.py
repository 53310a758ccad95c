# psql, and through it libpq: what a person at its prompt does, driven by scripts.
import json
import os
import signal
import subprocess
import sys
import time

host, port, database = sys.argv[1:4]
environment = {**os.environ, "PGHOST": host, "PGPORT": port, "PGDATABASE": database, "PGUSER": "root", "PGOPTIONS": ""}
flags = ["psql", "-X", "-q", "-A", "-t", "-v", "VERBOSITY=sqlstate"]


def run(script):
    done = subprocess.run(flags, input=script, env=environment, capture_output=True, text=True)
    return done.stdout, done.stderr


def lines(script):
    out, err = run(script)
    if err:
        raise RuntimeError(err)
    return out.splitlines()


# \gset reads a row into variables, and :'name' quotes one as a literal; those of NULLs are not set.
columns = lines("SELECT column_name FROM [SHOW COLUMNS FROM v];")
rows = 0
for id in (1, 2):
    nulls = lines(f"SELECT {', '.join(f'{name} IS NULL' for name in columns)} FROM v WHERE id = {id};")[0].split("|")
    values = ["NULL" if null == "t" else f":'{name}'" for name, null in zip(columns, nulls)]
    lines(f"SELECT * FROM v WHERE id = {id} \\gset\n\\set id {id + 10}\nINSERT INTO v VALUES ({', '.join(values)});")
    rows += 1

prepared = sum(
    int(line)
    for line in lines(
        "PREPARE twice AS SELECT $1::INT8 * 2;\n" + "".join(f"EXECUTE twice({i});\n" for i in range(1, 11))
    )
)

transaction = [
    int(lines(f"BEGIN;\nINSERT INTO w VALUES (1);\n{end};\nSELECT count(*) FROM w;")[-1])
    for end in ("ROLLBACK", "COMMIT")
]

_, err = run("BEGIN;\nINSERT INTO w VALUES (1);\nSELECT 1;\nROLLBACK;")
errors = [line.split()[-1] for line in err.splitlines()]

data = "".join(f"{i}\n" for i in range(1000, 2000))
lines(f"\\copy w FROM STDIN\n{data}\\.\n")
copied_in = int(lines("SELECT count(*) FROM w WHERE a >= 1000;")[0])
copied_out = len(lines("\\copy (SELECT a FROM w WHERE a >= 1000) TO STDOUT\n"))

sleeping = subprocess.Popen(
    [*flags, "-c", "SELECT pg_sleep(60)"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
)
listed = "SELECT count(*) FROM [SHOW QUERIES] WHERE query LIKE 'SELECT pg_sleep%';"
while lines(listed) == ["0"]:
    time.sleep(0.05)
sleeping.send_signal(signal.SIGINT)
cancel = sleeping.communicate()[1].split()[-1]

numbers = [int(line.split("|")[0]) for line in lines("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g;")]

# Statements joined by \; are one message.
joined = " \\; ".join(f"INSERT INTO w VALUES ({i})" for i in range(10_000, 10_100))
lines(joined + ";")
pipeline = int(lines("SELECT count(*) FROM w WHERE a >= 10000;")[0])

version = subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.split()[2]
print(
    json.dumps(
        {
            "version": version,
            "values": rows == 2,
            "prepared": prepared,
            "transaction": transaction,
            "errors": errors,
            "copy": [copied_in, copied_out],
            "cancel": cancel,
            "large": [len(numbers), sum(numbers)],
            "pipeline": pipeline,
        }
    )
)
