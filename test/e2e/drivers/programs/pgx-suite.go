package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgproto3/v2"
	"github.com/jackc/pgtype"
	"github.com/jackc/pgx/v4"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func state(err error) string {
	var known *pgconn.PgError
	if errors.As(err, &known) {
		return known.Code
	}
	return fmt.Sprint(err)
}

func main() {
	ctx := context.Background()
	url := fmt.Sprintf("host=%s port=%s dbname=%s user=root sslmode=disable", os.Args[1], os.Args[2], os.Args[3])
	conn, err := pgx.Connect(ctx, url)
	check(err)
	count := func(where string) int {
		var n int
		check(conn.QueryRow(ctx, "SELECT count(*) FROM w "+where).Scan(&n))
		return n
	}
	result := map[string]interface{}{"version": "4.15"}

	rows, err := conn.Query(ctx, "SELECT * FROM v WHERE id IN (1, 2) ORDER BY id")
	check(err)
	var all [][]interface{}
	fields := append([]pgproto3.FieldDescription{}, rows.FieldDescriptions()...)
	for rows.Next() {
		values, err := rows.Values()
		check(err)
		all = append(all, values)
	}
	check(rows.Err())
	for _, row := range all {
		row[0] = row[0].(int64) + 10
		marks := make([]string, len(row))
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", i+1)
			// The driver gives a TIME as a number and does not take one.
			if micros, ok := row[i].(int64); ok && string(fields[i].Name) == "t" {
				row[i] = &pgtype.Time{Microseconds: micros, Status: pgtype.Present}
			}
		}
		_, err := conn.Exec(ctx, "INSERT INTO v VALUES ("+strings.Join(marks, ", ")+")", row...)
		check(err)
	}
	result["values"] = len(all) == 2

	_, err = conn.Prepare(ctx, "twice", "SELECT $1::INT8 * 2")
	check(err)
	sum := 0
	for i := 1; i <= 10; i++ {
		var n int
		check(conn.QueryRow(ctx, "twice", i).Scan(&n))
		sum += n
	}
	result["prepared"] = sum

	var counts []int
	for _, keep := range []bool{false, true} {
		tx, err := conn.Begin(ctx)
		check(err)
		_, err = tx.Exec(ctx, "INSERT INTO w VALUES (1)")
		check(err)
		if keep {
			check(tx.Commit(ctx))
		} else {
			check(tx.Rollback(ctx))
		}
		counts = append(counts, count(""))
	}
	result["transaction"] = counts

	tx, err := conn.Begin(ctx)
	check(err)
	var states []string
	for _, text := range []string{"INSERT INTO w VALUES (1)", "SELECT 1"} {
		_, err := tx.Exec(ctx, text)
		states = append(states, state(err))
	}
	check(tx.Rollback(ctx))
	result["errors"] = states

	var given [][]interface{}
	for i := 1000; i < 2000; i++ {
		given = append(given, []interface{}{int64(i)})
	}
	// In the binary format.
	in, err := conn.CopyFrom(ctx, pgx.Identifier{"w"}, []string{"a"}, pgx.CopyFromRows(given))
	check(err)
	var out bytes.Buffer
	_, err = conn.PgConn().CopyTo(ctx, &out, "COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT")
	check(err)
	result["copy"] = []int{int(in), strings.Count(out.String(), "\n")}

	n, total := 0, 0
	rows, err = conn.Query(ctx, "SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g")
	check(err)
	for rows.Next() {
		var g int
		var text string
		check(rows.Scan(&g, &text))
		n++
		total += g
	}
	check(rows.Err())
	result["large"] = []int{n, total}

	batch := &pgx.Batch{}
	for i := 5000; i < 5100; i++ {
		batch.Queue("INSERT INTO w VALUES ($1)", i)
	}
	check(conn.SendBatch(ctx, batch).Close())
	result["pipeline"] = count("WHERE a >= 5000")

	go func() {
		time.Sleep(500 * time.Millisecond)
		conn.PgConn().CancelRequest(ctx)
	}()
	_, err = conn.Exec(ctx, "SELECT pg_sleep(60)")
	result["cancel"] = state(err)
	check(json.NewEncoder(os.Stdout).Encode(result))
}
