<?php
[, $host, $port, $database] = $argv;
$pdo = new PDO("pgsql:host=$host;port=$port;dbname=$database", 'root', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);

$rows = $pdo->query('SELECT * FROM v WHERE id IN (1, 2) ORDER BY id')->fetchAll(PDO::FETCH_NUM);
foreach ($rows as $row) {
    $row[0] += 10;
    $insert = $pdo->prepare('INSERT INTO v VALUES (' . implode(', ', array_fill(0, count($row), '?')) . ')');
    foreach ($row as $i => $value) {
        $kind = match (true) {
            $value === null => PDO::PARAM_NULL,
            is_bool($value) => PDO::PARAM_BOOL,
            is_resource($value) => PDO::PARAM_LOB,
            default => PDO::PARAM_STR,
        };
        $insert->bindValue($i + 1, $value, $kind);
    }
    $insert->execute();
}

$twice = $pdo->prepare('SELECT ?::INT8 * 2');
$prepared = 0;
for ($i = 1; $i <= 10; $i++) {
    $twice->execute([$i]);
    $prepared += $twice->fetchColumn();
}

$counts = [];
foreach (['rollBack', 'commit'] as $end) {
    $pdo->beginTransaction();
    $pdo->exec('INSERT INTO w VALUES (1)');
    $pdo->$end();
    $counts[] = (int) $pdo->query('SELECT count(*) FROM w')->fetchColumn();
}

$errors = [];
$pdo->beginTransaction();
foreach (['INSERT INTO w VALUES (1)', 'SELECT 1'] as $sql) {
    try {
        $pdo->query($sql);
    } catch (PDOException $error) {
        $errors[] = $error->getCode();
    }
}
$pdo->rollBack();

$pdo->pgsqlCopyFromArray('w', array_map(fn ($i) => "$i\n", range(1000, 1999)));
$in = (int) $pdo->query('SELECT count(*) FROM w WHERE a >= 1000')->fetchColumn();
$out = count($pdo->pgsqlCopyToArray('w')) - 1;

$count = $total = 0;
foreach ($pdo->query("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g", PDO::FETCH_NUM) as $row) {
    $count++;
    $total += $row[0];
}

echo json_encode([
    'version' => phpversion('pdo_pgsql'), 'values' => count($rows) === 2, 'prepared' => $prepared,
    'transaction' => $counts, 'errors' => $errors, 'copy' => [$in, $out], 'cancel' => null,
    'large' => [$count, $total], 'pipeline' => null,
]), "\n";
